"use strict";
(function () {
  const body = document.getElementById("rows"), none = document.getElementById("none");
  const find = document.getElementById("find"), sort = document.getElementById("sort"), shown = document.getElementById("shown");
  const heads = Array.from(document.querySelectorAll("th[data-sort]")), boxes = Array.from(document.querySelectorAll("input[name=state]"));
  const rows = Array.from(body.rows, function (tr, place) { return { tr: tr, place: place, state: tr.dataset.state, text: "", key: null }; });
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  let by = -1, down = false, timer = 0;

  function order() {
    if (by < 0) { rows.sort(function (a, b) { return a.place - b.place; }); }
    else {
      for (const row of rows) {
        const cell = row.tr.cells[by];
        row.key = cell.dataset.by === undefined ? cell.textContent : Number(cell.dataset.by);
      }
      rows.sort(function (a, b) {
        if ((a.key === "") !== (b.key === "")) { return a.key === "" ? 1 : -1; } // what is empty comes last, either way
        const c = typeof a.key === "number" ? a.key - b.key : words.compare(a.key, b.key);
        return (down ? -c : c) || a.place - b.place;
      });
    }
    const all = document.createDocumentFragment();
    for (const row of rows) { all.appendChild(row.tr); }
    body.appendChild(all);
    heads.forEach(function (head, i) {
      if (i === by) { head.setAttribute("aria-sort", down ? "descending" : "ascending"); } else { head.removeAttribute("aria-sort"); }
    });
    sort.value = by < 0 ? "" : heads[by].dataset.sort;
  }
  function filter() {
    const wanted = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const states = new Set(boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; }));
    let n = 0;
    for (const row of rows) {
      if (wanted.length && !row.text) { row.text = row.tr.textContent.toLowerCase(); }
      const is = states.has(row.state) && wanted.every(function (word) { return row.text.includes(word); });
      if (row.tr.hidden === is) { row.tr.hidden = !is; }
      if (is) { n++; }
    }
    none.hidden = n > 0;
    shown.textContent = n === rows.length ? "" : n + " of " + rows.length + " shown";
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
  boxes.forEach(function (box) { box.addEventListener("change", filter); });
  document.getElementById("controls").addEventListener("submit", function (event) { event.preventDefault(); });
  document.getElementById("controls").hidden = false;
  boxes.forEach(function (box) { box.checked = true; });
  find.value = "";
})();
