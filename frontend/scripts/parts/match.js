// Finds Chinese by its characters, its pinyin or the first letters of it: `data-search` holds "咖啡机 kafeiji kfj".
export function matches(keys, query) {
  const folded = query.normalize("NFKC").toLowerCase().trim();
  return folded.split(/\s+/).every((word) => keys.toLowerCase().includes(word));
}
