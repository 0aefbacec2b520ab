// Charts: <figure data-chart="line|bar|calibration|radar|heat|tree|graph"> with its figures in a JSON block or behind data-src.
// Colours come from the page's tokens, so a chart follows the theme; every chart also has a table (see parts/data.html).
import { BarChart, GraphChart, HeatmapChart, LineChart, RadarChart, TreeChart } from "echarts/charts";
import { GridComponent, LegendComponent, RadarComponent, TooltipComponent, VisualMapComponent, CalendarComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { onEach } from "./parts/each.js";

use([
  BarChart, GraphChart, HeatmapChart, LineChart, RadarChart, TreeChart, CalendarComponent, GridComponent,
  LegendComponent, RadarComponent, TooltipComponent, VisualMapComponent, CanvasRenderer,
]);

const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** A token's value as rgb(): zrender reads neither oklch() nor color-mix(). */
function colour(name, element) {
  const holder = document.createElement("span");
  holder.hidden = true;
  element.append(holder);
  holder.style.color = `var(--${name})`;
  const computed = getComputedStyle(holder).color;
  holder.remove();
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = computed;
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
  return `rgba(${r},${g},${b},${(a / 255).toFixed(3)})`;
}

function palette(element) {
  const of = (name) => colour(name, element);
  return {
    series: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => of(`chart-${n}`)),
    ink: of("ink"), ink2: of("ink-2"), ink3: of("ink-3"), line: of("line"), surface: of("raised"), brand: of("brand"),
    tint: of("brand-tint"), negative: of("negative"), positive: of("positive"), neutral: of("neutral"), unsure: of("unsure"),
  };
}

function frame(tones) {
  const font = getComputedStyle(document.body).fontFamily;
  return {
    color: tones.series,
    textStyle: { fontFamily: font, color: tones.ink2 },
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 180,
    tooltip: {
      backgroundColor: tones.surface, borderColor: tones.line, textStyle: { color: tones.ink, fontFamily: font },
      confine: true, extraCssText: "border-radius:6px",
    },
    grid: { left: 8, right: 12, top: 32, bottom: 4, containLabel: true },
    legend: { type: "scroll", pageIconColor: tones.ink2, pageTextStyle: { color: tones.ink2 }, textStyle: { color: tones.ink2 }, itemWidth: 18, itemHeight: 9, top: 0, left: 0 },
  };
}

function axes(tones, labels) {
  return {
    xAxis: {
      type: "category", data: labels, axisLine: { lineStyle: { color: tones.line } }, axisTick: { show: false },
      axisLabel: { color: tones.ink3 },
    },
    yAxis: {
      type: "value", splitLine: { lineStyle: { color: tones.line } }, axisLabel: { color: tones.ink3 }, splitNumber: 4,
    },
  };
}

// A mood keeps its mark in charts too: ▼ ● ▲ ◌.
const marks = {
  negative: { symbol: "triangle", symbolRotate: 180 },
  neutral: { symbol: "circle" },
  positive: { symbol: "triangle" },
  unsure: { symbol: "emptyCircle" },
};
const toned = (one, tones) =>
  one.tone
    ? { ...marks[one.tone], itemStyle: { color: tones[one.tone] }, lineStyle: { color: tones[one.tone] } }
    : {};

// Figures: {labels: […], series: [{name, values, tone?}], stacked?}
const kinds = {
  line: (data, tones) => ({
    ...axes(tones, data.labels),
    tooltip: { ...frame(tones).tooltip, trigger: "axis" },
    series: data.series.map((one) => ({
      type: "line", name: one.name, data: one.values, showSymbol: data.labels.length < 15, symbolSize: 8, connectNulls: false,
      ...toned(one, tones),
    })),
  }),
  bar: (data, tones) => ({
    ...axes(tones, data.labels),
    tooltip: { ...frame(tones).tooltip, trigger: "axis", axisPointer: { type: "none" } },
    series: data.series.map((one) => ({
      type: "bar", name: one.name, data: one.values, stack: data.stacked ? "all" : undefined, barMaxWidth: 28,
      ...toned(one, tones),
    })),
  }),
  // {points: [[said, found, n]], x, y, name, ideal}: of what is said with a probability, so much is so; bigger points count more texts
  calibration: (data, tones) => {
    const share = (name) => ({
      ...axes(tones, []).yAxis, name, nameLocation: "middle", nameGap: 36, nameTextStyle: { color: tones.ink2 }, min: 0, max: 1, interval: 0.2,
      axisLabel: { color: tones.ink3, formatter: (value) => `${Math.round(value * 100)}%` },
    });
    const most = Math.max(1, ...data.points.map((point) => point[2]));
    return {
      grid: { left: 28, right: 20, top: 32, bottom: 28, containLabel: true },
      xAxis: { ...share(data.x), nameGap: 28 }, yAxis: share(data.y),
      tooltip: {
        ...frame(tones).tooltip,
        formatter: ({ value }) => `${(100 * value[0]).toFixed(1)}% → ${(100 * value[1]).toFixed(1)}%${value[2] ? ` · ${value[2]}` : ""}`,
      },
      series: [
        {
          type: "line", name: data.ideal, data: [[0, 0], [1, 1]], symbol: "none", silent: true,
          lineStyle: { color: tones.ink3, type: "dashed", width: 1 }, itemStyle: { color: tones.ink3 },
        },
        {
          type: "line", name: data.name, data: data.points, symbol: "circle", showSymbol: true,
          symbolSize: (value) => 6 + 14 * Math.sqrt(value[2] / most), itemStyle: { color: tones.brand }, lineStyle: { color: tones.brand },
        },
      ],
    };
  },
  // {axes: [{name, max}], series: [{name, values}]}
  radar: (data, tones) => ({
    legend: { ...frame(tones).legend, show: data.series.length > 1 },
    radar: {
      indicator: data.axes, radius: "68%", axisName: { color: tones.ink2 }, splitArea: { show: false },
      splitLine: { lineStyle: { color: tones.line } }, axisLine: { lineStyle: { color: tones.line } },
    },
    series: [{
      type: "radar", symbolSize: 5,
      data: data.series.map((one) => ({ name: one.name, value: one.values, areaStyle: { opacity: 0.14 } })),
    }],
  }),
  // {x: […], y: […], cells: [[xIndex, yIndex, value]]}
  heat: (data, tones) => ({
    grid: { left: 8, right: 12, top: 8, bottom: 4, containLabel: true },
    xAxis: { ...axes(tones, data.x).xAxis, splitArea: { show: false } },
    yAxis: { type: "category", data: data.y, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: tones.ink3 } },
    visualMap: {
      show: false, min: 0, max: Math.max(1, ...data.cells.map((cell) => cell[2])), inRange: { color: [tones.tint, tones.brand] },
    },
    series: [{ type: "heatmap", data: data.cells, itemStyle: { borderColor: tones.surface, borderWidth: 2, borderRadius: 4 } }],
  }),
  // {root: {name, value, more, url, children}}; folded below the third level, zoomed and dragged.
  tree: (data, tones) => ({
    series: [{
      type: "tree", data: [data.root], roam: true, initialTreeDepth: 3, symbol: "circle", symbolSize: 10, left: 90, right: 120,
      itemStyle: { color: tones.brand, borderColor: tones.brand }, lineStyle: { color: tones.line },
      label: { position: "top", color: tones.ink, distance: 6 }, leaves: { label: { position: "right" } },
      tooltip: { formatter: ({ data: node }) => escaped([node.name, node.more].filter(Boolean).join(" · ")) },
      expandAndCollapse: true,
    }],
  }),
  // {nodes: [{id, name, size, tone}], links: [{source, target}]}
  graph: (data, tones) => ({
    series: [{
      type: "graph", layout: "force", roam: true, draggable: true, force: { repulsion: 90, edgeLength: 46 },
      data: data.nodes.map((node) => ({ ...node, symbolSize: node.size ?? 12, itemStyle: { color: tones[node.tone ?? "brand"] } })),
      links: data.links, lineStyle: { color: tones.line }, label: { show: data.nodes.length < 80, color: tones.ink2, position: "right" },
    }],
  }),
};

const escaped = (text) => new Option(text).innerHTML;

async function draw(figure) {
  const block = figure.querySelector('script[type="application/json"]');
  const data = block ? JSON.parse(block.textContent) : await (await fetch(figure.dataset.src)).json();
  const canvas = figure.querySelector(".chart__canvas");
  const chart = init(canvas);
  const show = () => {
    const tones = palette(figure);
    chart.setOption({ ...frame(tones), ...kinds[figure.dataset.chart](data, tones) }, true);
  };
  show();
  new ResizeObserver(() => chart.resize()).observe(canvas);
  document.addEventListener("theme", show);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  chart.on("click", ({ data: point }) => {
    if (point?.url) location.assign(point.url);
  });
  figure.dispatchEvent(new CustomEvent("chart:drawn", { bubbles: true, detail: { chart } }));
}

// Drawn when it comes into view: a long report does not draw thirty charts at once.
onEach("[data-chart]", (figure) => {
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    draw(figure);
  }, { rootMargin: "200px" });
  watcher.observe(figure);
});
