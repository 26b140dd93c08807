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
  // Vega tells screen readers in English what each part of a chart is: they have words of their own for its role.
  const part = "aria-roledescription";
  const chart = '[data-testid="stVegaLiteChart"]';
  const drawn = `${chart}[${part}], ${chart} [${part}]`;
  const plain = (control) => {
    control.removeAttribute(part);
    const title = /^(?:Title|Subtitle) text '(.*)'$/s.exec(control.ariaLabel ?? "");
    if (title) control.ariaLabel = title[1];
  };
  const rename = () => {
    for (const [selector, name] of Object.entries(names)) {
      for (const control of document.querySelectorAll(selector)) {
        if (control.getAttribute("aria-label") !== name) control.setAttribute("aria-label", name);
      }
    }
    document.querySelectorAll(scope).forEach(translate);
    document.querySelectorAll(drawn).forEach(plain);
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
  // A matrix is one stop of Tab, the link that had the focus last. The arrows go from a link to the next one that way,
  // over cells that have none; Home and End to the first and the last of a row, with Ctrl of the whole table.
  const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const neighbour = (from, key) => {
    const rows = from.closest("table").rows;
    let [row, column] = [from.parentElement.rowIndex, from.cellIndex];
    while (rows[row += ways[key][0]]?.cells[column += ways[key][1]]) {
      const link = rows[row].cells[column].querySelector("a");
      if (link) return link;
    }
  };
  const walk = (event) => {
    const from = event.target.closest?.(".matrix :is(td, th)");
    if (!from || event.altKey || event.metaKey || event.shiftKey) return;
    let link;
    if (event.key in ways && !event.ctrlKey) link = neighbour(from, event.key);
    else if (event.key === "Home" || event.key === "End") {
      link = [...from.closest(event.ctrlKey ? "tbody" : "tr").querySelectorAll("a")].at(event.key === "Home" ? 0 : -1);
    }
    if (!link) return;
    event.preventDefault();
    link.focus();
  };
  const stop = (event) => {
    const link = event.target.closest?.(".matrix a");
    if (!link) return;
    for (const other of link.closest(".matrix").querySelectorAll('a[tabindex="0"]')) other.tabIndex = -1;
    link.tabIndex = 0;
  };
  for (const [kind, listen] of [["click", keep], ["keydown", walk], ["focusin", stop]]) {
    document.addEventListener(kind, listen, true);
  }
  new MutationObserver(rename).observe(document.body, {
    attributeFilter: [...attributes, part], characterData: true, childList: true, subtree: true,
  });
  rename();
});
