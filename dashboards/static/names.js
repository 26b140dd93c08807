// Streamlit writes some words in English and gives no way to change them: they are put in the page's language, on
// screen and for screen readers alike, also where they are drawn later. NAMES maps a selector to the name of a control;
// PHRASES are pairs of a pattern and what stands for it, looked for inside SCOPE only; UNITS spells the sizes of files.
// Beside that, two things that HTML alone cannot do: see `keep` and `walk`.
document.addEventListener("DOMContentLoaded", () => {
  const names = NAMES;
  const phrases = PHRASES.map(([pattern, replacement]) => [new RegExp(pattern), replacement]);
  const scope = SCOPE;
  const units = UNITS;
  const attributes = ["aria-label", "title", "placeholder"];
  const spoken = (text) => {
    for (const [pattern, replacement] of phrases) {
      if (pattern.test(text)) text = text.replace(pattern, replacement);
    }
    return text.replace(/(\d+)(?:\.(\d))?(B|KB|MB|GB)(?=$|\b)/, (_, whole, part, unit) =>
      `${whole}${part && part !== "0" && unit !== "B" ? units.point + part : ""}\u00a0${units[unit]}`);
  };
  const translate = (root) => {
    for (const control of [root, ...root.querySelectorAll(attributes.map((name) => `[${name}]`).join())]) {
      for (const name of attributes) {
        const written = control.getAttribute(name);
        if (written && spoken(written) !== written) control.setAttribute(name, spoken(written));
      }
    }
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode;
      // The name of a file is the reader's own.
      if (node.parentElement.closest('[data-testid="stFileChipName"]')) continue;
      if (spoken(node.data) !== node.data) node.data = spoken(node.data);
    }
  };
  const rename = () => {
    for (const [selector, name] of Object.entries(names)) {
      for (const control of document.querySelectorAll(selector)) {
        if (control.getAttribute("aria-label") !== name) control.setAttribute("aria-label", name);
      }
    }
    document.querySelectorAll(scope).forEach(translate);
  };
  // A part of a page may have been drawn anew since the switch between languages was: what was chosen is kept.
  const keep = (event) => {
    const other = event.target.closest?.(".languages a");
    if (!other) return;
    const chosen = new URLSearchParams(window.location.search);
    const language = new URL(other.href).searchParams.get("lang");
    if (language) chosen.set("lang", language); else chosen.delete("lang");
    other.search = chosen.toString();
  };
  // In a matrix the arrows go from a link to the next one that way, over cells that have none.
  const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const walk = (event) => {
    const way = ways[event.key];
    const from = event.target.closest?.(".matrix :is(td, th)");
    if (!way || !from || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const rows = from.closest("table").rows;
    let [row, column] = [from.parentElement.rowIndex, from.cellIndex];
    while (rows[row += way[0]]?.cells[column += way[1]]) {
      const link = rows[row].cells[column].querySelector("a");
      if (!link) continue;
      event.preventDefault();
      link.focus();
      return;
    }
  };
  for (const [kind, listen] of [["click", keep], ["keydown", walk]]) {
    document.addEventListener(kind, listen, true);
  }
  new MutationObserver(rename).observe(document.body, {
    attributeFilter: attributes, characterData: true, childList: true, subtree: true,
  });
  rename();
});
