// Builds styles, scripts, the icon and line-art sprites into socialcrm/static and writes manifest.json,
// which maps a plain name ("app.css") to the file with its content hash in the name ("app.4F2A….css").
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";
import { icons } from "./icons.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "socialcrm", "static");
const target = ["chrome111", "safari16.4", "firefox115"];
const styles = ["app", "staff", "styleguide"];
const scripts = ["core", "live", "chat", "community", "staff", "charts"];

function hashed(name, content) {
  const [stem, ext] = [name.slice(0, name.lastIndexOf(".")), name.slice(name.lastIndexOf("."))];
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 10);
  return `${stem}.${digest}${ext}`;
}

async function minifiedStyle(name) {
  const css = sass.compile(join(here, "styles", `${name}.scss`), {
    loadPaths: [join(here, "node_modules")],
    style: "expanded",
  }).css;
  const result = await build({
    stdin: { contents: css, loader: "css", resolveDir: here },
    write: false,
    minify: true,
    target,
  });
  return result.outputFiles[0].contents;
}

/** One SVG with a <symbol> per icon; shapes take the text colour through `currentColor`. */
function iconSprite() {
  const symbols = Object.entries(icons).map(([id, file]) => {
    const svg = readFileSync(join(here, "node_modules/lucide-static/icons", `${file}.svg`), "utf8");
    const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${id}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${shapes.replace(/\s+/g, " ").trim()}</symbol>`;
  });
  return sprite(symbols);
}

/** The project's own drawings: every file of art/ becomes a symbol named after it. */
function artSprite() {
  const folder = join(here, "art");
  const symbols = readdirSync(folder)
    .filter((file) => file.endsWith(".svg"))
    .sort()
    .map((file) => {
      const svg = readFileSync(join(folder, file), "utf8");
      const viewBox = svg.match(/viewBox="([^"]+)"/)[1];
      const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
      return `<symbol id="${basename(file, ".svg")}" viewBox="${viewBox}" fill="none" stroke="currentColor" stroke-width="var(--art-line, 2)" stroke-linecap="round" stroke-linejoin="round">${shapes.replace(/\s+/g, " ").trim()}</symbol>`;
    });
  return sprite(symbols);
}

function sprite(symbols) {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

async function minifiedScripts() {
  const result = await build({
    entryPoints: Object.fromEntries(scripts.map((name) => [name, join(here, "scripts", `${name}.js`)])),
    bundle: true,
    format: "esm",
    splitting: true,
    minify: true,
    write: false,
    outdir: out,
    entryNames: "[name].[hash]",
    chunkNames: "shared.[hash]",
    metafile: true,
    target,
  });
  const manifest = {};
  for (const [path, about] of Object.entries(result.metafile.outputs)) {
    if (about.entryPoint) manifest[`${basename(about.entryPoint, ".js")}.js`] = basename(path);
  }
  return { files: result.outputFiles.map((file) => [basename(file.path), file.contents]), manifest };
}

async function buildAll() {
  const started = Date.now();
  const { files, manifest } = await minifiedScripts();
  for (const name of styles) {
    const content = await minifiedStyle(name);
    manifest[`${name}.css`] = hashed(`${name}.css`, content);
    files.push([manifest[`${name}.css`], content]);
  }
  for (const [name, content] of [["icons.svg", iconSprite()], ["art.svg", artSprite()]]) {
    manifest[name] = hashed(name, content);
    files.push([manifest[name], content]);
  }
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(out, name), content);
  writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");
  console.log(`front end: ${files.length} files in ${Date.now() - started} ms`);
}

await buildAll();
if (process.argv.includes("--watch")) {
  let timer;
  for (const folder of ["styles", "scripts", "art"]) {
    watch(join(here, folder), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => buildAll().catch((error) => console.error(error.message)), 80);
    });
  }
}
