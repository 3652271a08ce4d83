// Calls a colleague by name: « @ » and the first letters offer the people of the list beside it.
// Without this, the name is written whole, or chosen in that list.
const MOST = 6;
const AT = /(^|[^\p{L}\p{N}])@([\p{L}][\p{L}\p{N}'’ -]{0,40}|)$/u;
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function begins(name, typed) {
  const plain = fold(name);
  return plain.startsWith(typed) || plain.split(" ").some((word) => word.startsWith(typed));
}

function offer(area) {
  const select = document.getElementById(area.dataset.mentions);
  if (!select) return;
  const names = [...select.options].filter((option) => option.value).map((option) => option.text);
  const list = document.createElement("ul");
  list.className = "offered";
  list.id = `${area.id}-offered`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", area.dataset.mentionsLabel);
  list.hidden = true;
  area.after(list);
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-controls", list.id);
  let chosen = 0;

  function typed() {
    if (area.selectionStart !== area.selectionEnd) return null;
    const found = AT.exec(area.value.slice(0, area.selectionStart));
    return found ? found[2] : null;
  }

  function close() {
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  }

  function mark() {
    [...list.children].forEach((item, rank) => item.setAttribute("aria-selected", String(rank === chosen)));
    area.setAttribute("aria-activedescendant", list.children[chosen].id);
  }

  function insert(name) {
    const end = area.selectionStart;
    area.setRangeText(`${name} `, end - typed().length, end, "end");
    close();
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function show() {
    const word = typed();
    const found = word === null ? [] : names.filter((name) => begins(name, fold(word))).slice(0, MOST);
    if (found.length === 0) return close();
    list.replaceChildren(
      ...found.map((name, rank) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${rank}`;
        item.setAttribute("role", "option");
        item.textContent = name;
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          insert(name);
        });
        return item;
      }),
    );
    chosen = 0;
    list.hidden = false;
    mark();
  }

  area.addEventListener("input", show);
  area.addEventListener("blur", close);
  area.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      chosen = (chosen + step + list.children.length) % list.children.length;
      mark();
    } else if (event.key === "Enter" || event.key === "Tab") insert(list.children[chosen].textContent);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
}

document.querySelectorAll("textarea[data-mentions]").forEach(offer);
