// Streamlit writes some words in English and gives no way to change them: they are put in the page's language, on
// screen and for screen readers alike, also where they are drawn later. NAMES maps a selector to the name of a control;
// PHRASES are pairs of a pattern and what stands for it, looked for inside SCOPE only; UNITS spells the sizes of files.
(() => {
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
  window.pilotageNames?.disconnect();
  window.pilotageNames = new MutationObserver(rename);
  window.pilotageNames.observe(document.body, {
    attributeFilter: attributes, characterData: true, childList: true, subtree: true,
  });
  rename();
  // A part of the page that is redrawn alone changes the address, not these links: they keep what it says by now.
  const keep = (event) => {
    const link = event.target.closest?.(".languages a");
    if (!link) return;
    const language = new URL(link.href).searchParams.get("lang");
    const now = new URL(location.href);
    language ? now.searchParams.set("lang", language) : now.searchParams.delete("lang");
    link.href = now.href;
  };
  document.removeEventListener("click", window.pilotageLanguages, true);
  window.pilotageLanguages = keep;
  document.addEventListener("click", keep, true);
})();
