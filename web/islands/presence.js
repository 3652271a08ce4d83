// Who else is there: asked again every half minute, only while the page is seen.
const EVERY = 30_000; // ms
const form = document.querySelector("[data-around-ask]");
const list = document.querySelector("[data-around]");
let timer = 0;

async function ask() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "HX-Request": "true" },
    });
    if (answer.status !== 200) {
      clearInterval(timer); // the session is over, or the task is
      return;
    }
    const told = await answer.text();
    const shown = document.createElement("div");
    shown.innerHTML = told;
    // The same words are not told twice to who listens.
    if (shown.textContent.trim() !== list.textContent.trim()) list.innerHTML = told;
  } catch {
    // Offline for a moment: the next round asks again.
  }
}

if (form && list) {
  timer = setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
}
