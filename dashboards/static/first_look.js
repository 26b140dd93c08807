// Streamlit draws a page piece by piece, each in place of a grey bar of another height: all that is below jumps, several
// times. Until a page stands, its name is shown; then all of it appears at once. What takes long is not waited for.
document.addEventListener("DOMContentLoaded", () => {
  // Milliseconds after the first piece: what is still being drawn by then is drawn before the reader's eyes, in the
  // room that is kept for it; a grey bar that stays much longer than that will not go.
  const patience = 4000;
  const longest = 20000;
  let begun;
  document.body.classList.add("led");
  const has = (selector) => document.querySelector(selector) !== null;
  const drawn = () => {
    const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')];
    return has('[data-test-script-state="notRunning"]') && has("footer.foot")
      && charts.every((chart) => chart.querySelector("svg, canvas")?.getBoundingClientRect().height > 0)
      && document.fonts.status === "loaded";
  };
  const look = () => {
    if (begun === undefined && has('[data-testid="stMain"] .stHtml')) begun = performance.now();
    const spent = performance.now() - begun;
    const stands = begun !== undefined && !has('[data-testid="stSkeleton"]') && (drawn() || spent > patience);
    if (stands || spent > longest) document.body.classList.remove("coming");
    else requestAnimationFrame(look);
  };
  look();
});
