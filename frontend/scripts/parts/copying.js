// Into the clipboard, which browsers give to pages on https and this machine only.
import { toast } from "./toast.js";

const words = document.documentElement.dataset;

export async function copyText(copied) {
  try {
    await navigator.clipboard.writeText(copied);
    toast({ text: words.wordsCopied });
  } catch {
    toast({ text: words.wordsFailed, kind: "bad" });
  }
}
