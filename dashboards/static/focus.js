// Where the focus goes that HTML alone does not lead: to the verdict on a file, and past the menu.
document.addEventListener("DOMContentLoaded", () => {
  const verdicts = '[data-testid="stMain"] .verdict[aria-label]';
  const uploader = '[data-testid="stFileUploader"]';
  const line = document.createElement("div");
  line.className = "unseen";
  line.setAttribute("role", "status");
  document.body.append(line);
  // A verdict is awaited from the moment a file is given or a button pressed, until the reader goes on elsewhere: who
  // writes or chooses meanwhile is told of it, and stays where they are.
  let awaited = false;
  let known = new Set();
  const lead = () => {
    const found = [...document.querySelectorAll(verdicts)];
    const news = found.filter((verdict) => !known.has(verdict.ariaLabel));
    known = new Set(found.map((verdict) => verdict.ariaLabel));
    if (!news.length) return;
    // With the focus, the name of the first is read.
    if (awaited) news.shift().focus();
    awaited = false;
    line.textContent = news.map((verdict) => verdict.ariaLabel).join(" ");
  };
  const isGiven = (event) => event.target.closest?.(uploader);
  document.addEventListener("change", (event) => { awaited ||= Boolean(isGiven(event)); }, true);
  document.addEventListener("drop", (event) => { awaited ||= Boolean(isGiven(event)); }, true);
  document.addEventListener("click", (event) => {
    awaited ||= Boolean(event.target.closest?.('[data-testid="stButton"] button'));
  }, true);
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("input, textarea, select") && !isGiven(event)) awaited = false;
  }, true);
  new MutationObserver(lead).observe(document.body, { childList: true, subtree: true });
  // Streamlit's link leads to the whole page, menu included.
  const skip = (event) => {
    const title = event.target.closest?.('a[href="#stMain"]') && document.querySelector('[data-testid="stMain"] h1');
    if (!title) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    title.tabIndex = -1;
    title.focus();
  };
  document.addEventListener("click", skip, true);
});
