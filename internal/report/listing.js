"use strict";
(function () {
  const id = function (name) { return document.getElementById(name); };
  const body = id("rows"), find = id("find"), sort = id("sort"), shown = id("shown"), more = id("more"), none = id("none");
  const chunk = Number(body.dataset.chunk), heads = Array.from(document.querySelectorAll("th[data-sort]"));
  const labels = heads.map(function (head) { return head.textContent; });
  const boxes = Array.from(document.querySelectorAll("input[name=state]"));
  const states = boxes.map(function (box) { return box.value; });
  const made = Array.from(body.rows); // the page has the first rows; the others are created when they are first shown
  const rows = JSON.parse(id("data").textContent).map(function (data, place) {
    const row = { place: place, tr: made[place] || null, text: "", rank: [] };
    ["state", "product", "id", "version", "tag", "amis", "moreAMIs", "event", "status", "next", "days", "age", "changed"].forEach(
      function (name, i) { row[name] = data[i]; });
    return row;
  });
  // The sort key of each column. Empty values come last.
  const keys = [
    function (row) { return states.indexOf(row.state); }, function (row) { return row.product; },
    function (row) { return row.version; }, function (row) { return row.tag; }, function (row) { return row.amis.join(" "); },
    function (row) { return row.event && row.event + " " + row.status; }, function (row) { return row.next; },
    function (row) { return row.age && row.days; }, function (row) { return row.changed; }
  ];
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  let by = -1, down = false, timer = 0, found = rows, n = Math.min(rows.length, chunk);

  function element(name, text) {
    const made = document.createElement(name);
    if (text) { made.textContent = text; }
    return made;
  }
  // The result must be the same as that of listingHTMLRow in listing_html.go.
  function elementOf(row) {
    if (row.tr) { return row.tr; }
    row.tr = element("tr");
    row.tr.setAttribute("role", "row");
    const cell = function () {
      const td = element("td");
      td.setAttribute("role", "cell");
      td.dataset.label = labels[row.tr.cells.length];
      td.append.apply(td, arguments);
      row.tr.append(td);
    };
    const amis = [];
    row.amis.forEach(function (ami, i) {
      const space = ami.indexOf(" ");
      if (i > 0) { amis.push(element("br")); }
      amis.push(element("small", ami.slice(0, space)), " ", element("code", ami.slice(space + 1)));
    });
    if (row.moreAMIs > 0) { amis.push(element("br"), element("small", "and " + row.moreAMIs + " more")); }
    cell(boxes[states.indexOf(row.state)].parentElement.querySelector(".pill").cloneNode(true));
    cell(row.product + " ", element("code", row.id));
    cell(row.version);
    cell(row.tag);
    cell.apply(null, amis);
    if (row.event) { cell(row.event + " ", element("small", row.status)); } else { cell(); }
    cell(row.next);
    cell(row.age);
    cell(row.changed);
    return row.tr;
  }
  // The page has only some of the rows at a time, because the layout of 10,000 takes seconds.
  function show(count) {
    n = Math.min(count, found.length);
    body.replaceChildren.apply(body, found.slice(0, n).map(elementOf));
    tell();
  }
  function showMore() {
    const next = found.slice(n, n + chunk);
    n += next.length;
    body.append.apply(body, next.map(elementOf));
    tell();
  }
  function tell() {
    none.hidden = found.length > 0;
    more.hidden = n === found.length;
    more.textContent = "Show more (" + (found.length - n) + ")";
    shown.textContent = found.length === rows.length ? "" : found.length + " of " + rows.length + " match";
  }
  // Only distinct values are compared, because comparing words is slow and most of 10,000 rows share their values.
  function rank() {
    if (by < 0 || rows.length === 0 || rows[0].rank[by] !== undefined) { return; }
    const values = Array.from(new Set(rows.map(keys[by]))).sort(function (x, y) {
      return typeof x === "number" && typeof y === "number" ? x - y : words.compare(x, y);
    });
    const places = new Map();
    values.forEach(function (value, i) {
      const before = values[i - 1]; // web and Web are equal
      places.set(value, i > 0 && words.compare(value, before) === 0 ? places.get(before) : i);
    });
    rows.forEach(function (row) {
      const value = keys[by](row);
      row.rank[by] = value === "" ? -1 : places.get(value);
    });
  }
  function order() {
    rank();
    rows.sort(function (a, b) {
      if (by < 0) { return a.place - b.place; }
      const x = a.rank[by], y = b.rank[by];
      if ((x < 0) !== (y < 0)) { return x < 0 ? 1 : -1; } // empty values come last in both directions
      return (down ? y - x : x - y) || a.place - b.place;
    });
    heads.forEach(function (head, i) {
      if (i === by) { head.setAttribute("aria-sort", down ? "descending" : "ascending"); } else { head.removeAttribute("aria-sort"); }
    });
    sort.value = by < 0 ? "" : heads[by].dataset.sort;
    filter();
  }
  function textOf(row) {
    row.text = row.text || [row.state.replaceAll("-", " "), row.product, row.id, row.version, row.tag].concat(
      row.amis, row.event, row.status, row.next, row.age, row.changed).join(" ").toLowerCase();
    return row.text;
  }
  function filter() {
    const wanted = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = new Set(boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; }));
    found = rows.filter(function (row) {
      return chosen.has(row.state) && wanted.every(function (word) { return textOf(row).includes(word); });
    });
    show(chunk);
  }
  heads.forEach(function (head, i) {
    const button = element("button", labels[i]);
    button.type = "button";
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
    box.checked = true; // a browser that goes back restores unchecked boxes
    box.addEventListener("change", filter);
  });
  find.value = "";
  more.addEventListener("click", showMore);
  id("controls").addEventListener("submit", function (event) { event.preventDefault(); });
  id("controls").hidden = false;
  tell();
})();
