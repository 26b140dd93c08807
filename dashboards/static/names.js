// Streamlit names some controls in English and gives no way to change it: what a screen reader says of them is put in
// the page's language, also on those that are drawn later. NAMES maps a selector to a name.
(() => {
  const names = NAMES;
  const rename = () => {
    for (const [selector, name] of Object.entries(names)) {
      for (const control of document.querySelectorAll(selector)) {
        if (control.getAttribute("aria-label") !== name) control.setAttribute("aria-label", name);
      }
    }
  };
  window.pilotageNames?.disconnect();
  window.pilotageNames = new MutationObserver(rename);
  window.pilotageNames.observe(document.body, { childList: true, subtree: true });
  rename();
})();
