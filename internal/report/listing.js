"use strict";
(function () {
  const id = function (name) { return document.getElementById(name); };
  const body = id("rows"), find = id("find"), sort = id("sort"), shown = id("shown"), more = id("more"), none = id("none");
  const chunk = Number(body.dataset.chunk), heads = Array.from(document.querySelectorAll("th[data-sort]"));
  const boxes = Array.from(document.querySelectorAll("input[name=state]"));
  const rest = id("rest");
  const rows = Array.from(body.rows).concat(rest ? Array.from(rest.content.children) : []).map(function (tr, place) {
    return { tr: tr, place: place, state: tr.dataset.state, text: "", keys: [] };
  });
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  let by = -1, down = false, timer = 0, found = rows, n = Math.min(rows.length, chunk);

  // Only a part of the rows is in the page at a time: laying out 10,000 would take seconds.
  function show(count) {
    n = Math.min(count, found.length);
    body.replaceChildren.apply(body, found.slice(0, n).map(function (row) { return row.tr; }));
    tell();
  }
  function showMore() {
    const next = found.slice(n, n + chunk);
    n += next.length;
    body.append.apply(body, next.map(function (row) { return row.tr; }));
    tell();
  }
  function tell() {
    none.hidden = found.length > 0;
    more.hidden = n === found.length;
    more.textContent = "Show more (" + (found.length - n) + ")";
    shown.textContent = found.length === rows.length ? "" : found.length + " of " + rows.length + " match";
  }
  function key(row) {
    if (row.keys[by] === undefined) {
      const cell = row.tr.cells[by];
      row.keys[by] = cell.dataset.by === undefined ? cell.textContent : Number(cell.dataset.by);
    }
    return row.keys[by];
  }
  function order() {
    rows.sort(function (a, b) {
      if (by < 0) { return a.place - b.place; }
      const x = key(a), y = key(b);
      if ((x === "") !== (y === "")) { return x === "" ? 1 : -1; } // what is empty comes last, either way
      const c = typeof x === "number" ? x - y : words.compare(x, y);
      return (down ? -c : c) || a.place - b.place;
    });
    heads.forEach(function (head, i) {
      if (i === by) { head.setAttribute("aria-sort", down ? "descending" : "ascending"); } else { head.removeAttribute("aria-sort"); }
    });
    sort.value = by < 0 ? "" : heads[by].dataset.sort;
    filter();
  }
  function filter() {
    const wanted = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const states = new Set(boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; }));
    found = rows.filter(function (row) {
      if (!states.has(row.state)) { return false; }
      if (wanted.length && !row.text) { row.text = row.tr.textContent.toLowerCase(); }
      return wanted.every(function (word) { return row.text.includes(word); });
    });
    show(chunk);
  }
  heads.forEach(function (head, i) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", function () {
      if (by !== i) { by = i; down = false; } else if (!down) { down = true; } else { by = -1; }
      order();
    });
    head.replaceChildren(button);
  });
  sort.addEventListener("change", function () {
    by = heads.findIndex(function (head) { return head.dataset.sort === sort.value; });
    down = false;
    order();
  });
  find.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(filter, 80); });
  boxes.forEach(function (box) {
    box.checked = true; // a browser that goes back restores what was unchecked
    box.addEventListener("change", filter);
  });
  find.value = "";
  more.addEventListener("click", showMore);
  id("controls").addEventListener("submit", function (event) { event.preventDefault(); });
  id("controls").hidden = false;
  tell();
})();
