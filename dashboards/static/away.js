// Streamlit says in English, in a window over the page, that its server is gone, and what a developer should do about it.
// A line at the foot of the screen says it instead, in the page's language, and goes when the connection is back.
document.addEventListener("DOMContentLoaded", () => {
  const sentences = CONNECTION;
  const graceOnceConnected = 1500;
  const graceAtFirst = 8000;
  const line = document.createElement("div");
  line.className = "connection";
  line.setAttribute("role", "status");
  line.hidden = true;
  document.body.append(line);
  let wasConnected = false;
  let shown = "";
  let waiting;
  const tell = (sentence) => {
    clearTimeout(waiting);
    waiting = undefined;
    if (shown === sentence) return;
    shown = sentence;
    line.textContent = sentence ? sentences[sentence] : "";
    if (sentence === "broken") {
      const again = document.createElement("a");
      again.href = window.location.href;
      again.textContent = sentences.reload;
      line.append(" ", again);
    }
    line.hidden = !sentence;
  };
  const look = () => {
    const state = document.querySelector("[data-test-connection-state]")?.getAttribute("data-test-connection-state");
    const alarmed = document.querySelector('[data-testid="stDialog"]');
    if (state === "CONNECTED") {
      wasConnected = true;
      tell(alarmed ? "broken" : "");
    } else if (state === "DISCONNECTED_FOREVER") {
      tell("broken");
    } else if (!shown && waiting === undefined) {
      waiting = setTimeout(() => tell(wasConnected ? "lost" : "waiting"), wasConnected ? graceOnceConnected : graceAtFirst);
    }
  };
  new MutationObserver(look).observe(document.body, {
    attributeFilter: ["data-test-connection-state"], childList: true, subtree: true,
  });
  look();
});
