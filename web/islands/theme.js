// Before the first paint: whoever has not chosen gets the theme of their machine.
const root = document.documentElement;
if (!root.dataset.chosen && matchMedia("(prefers-color-scheme: dark)").matches) {
  root.dataset.bsTheme = "dark";
}
