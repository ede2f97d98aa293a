// Sorting, filtering, a theme switch and read-outs. Without it everything is still there.
(() => {
  "use strict";
  const create = (name, properties) => Object.assign(document.createElement(name), properties);

  // Values as the page shows them, as numbers: `1 min 2 s`, `11.2 ms`, `93.5%`, `5.7 MB/s`.
  const factors = {
    ns: 1e-6, "µs": 1e-3, ms: 1, s: 1e3, min: 6e4, h: 3.6e6,
    B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15,
  };
  const value = text => {
    let sum = null;
    for (const [, number, unit] of text.matchAll(/([<>+-]?[\d.]+(?:e[+-]?\d+)?)\s*([a-zµ]*)/gi)) {
      const size = Number(number.replace(/[<>+]/, "")) * (factors[unit] ?? 1);
      if (!Number.isNaN(size)) sum = (sum ?? 0) + size;
    }
    return sum;
  };
  // An endpoint's rows stay together: they are a table body of their own.
  const parts = table => {
    const bodies = [...table.tBodies];
    return bodies.length > 1 ? bodies : [...(bodies[0]?.rows ?? [])];
  };
  const cell = (part, column) => {
    const row = part.rows ? part.rows[0] : part;
    return row.cells[column]?.innerText.trim() ?? "";
  };

  for (const table of document.querySelectorAll("table[data-sort]")) {
    const heads = [...table.tHead.rows[0].cells];
    if (parts(table).length < 2) continue;
    for (const head of heads.filter(head => !head.hasAttribute("data-plain"))) {
      const isNumber = head.classList.contains("n");
      const button = create("button", { type: "button", className: "sort" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const order = head.ariaSort || (isNumber ? "ascending" : "descending");
        const next = order === "ascending" ? "descending" : "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", next);
        const sign = next === "ascending" ? 1 : -1;
        const key = part => {
          const text = cell(part, heads.indexOf(head));
          return isNumber ? value(text) : text;
        };
        const compare = (a, b) => {
          const [x, y] = [key(a), key(b)];
          if (x === null || y === null) return (x === null) - (y === null);
          return sign * (isNumber ? x - y : x.localeCompare(y));
        };
        const sorted = parts(table).sort(compare);
        sorted[0].parentElement.append(...sorted);
      });
    }
  }

  for (const table of document.querySelectorAll("table[data-filter]")) {
    if (parts(table).length < 8) continue;
    const label = `Filter ${table.dataset.filter}`;
    const input = create("input", { type: "search", className: "filter", placeholder: label, ariaLabel: label });
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase();
      for (const part of parts(table)) part.hidden = !part.textContent.toLowerCase().includes(wanted);
    });
    table.closest(".scroll").before(input);
  }

  const themes = ["auto", "light", "dark"];
  const stored = () => { try { return localStorage.getItem("perf-report-theme"); } catch { return null; } };
  const store = theme => { try { localStorage.setItem("perf-report-theme", theme); } catch { /* not allowed here */ } };
  const button = create("button", { type: "button", className: "theme" });
  const show = theme => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  let theme = themes.includes(stored()) ? stored() : "auto";
  show(theme);
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    show(theme);
    store(theme);
  });
  const item = create("li");
  item.append(button);
  document.querySelector("nav ul")?.append(item);

  // Pointing at a chart over time shows the row of its table.
  const moments = document.getElementById("moments");
  const rows = moments ? [...moments.tBodies[0].rows] : [];
  const titles = moments ? [...moments.tHead.rows[0].cells].map(head => head.textContent) : [];
  const at = seconds => rows.findLast(row => Number(row.dataset.from) <= seconds);
  for (const svg of document.querySelectorAll("svg[data-end]")) {
    const figure = svg.closest("figure");
    const readout = create("p", { className: "readout", hidden: true, ariaHidden: "true" });
    figure.append(readout);
    const hair = document.createElementNS("http://www.w3.org/2000/svg", "line");
    hair.classList.add("hair");
    svg.addEventListener("pointermove", event => {
      const box = svg.getBoundingClientRect();
      const { width, height } = svg.viewBox.baseVal;
      const x = (event.clientX - box.left) / box.width * width;
      const { left, right, end } = svg.dataset;
      const share = (x - left) / (right - left);
      const row = share >= 0 && share <= 1 ? at(share * end) : undefined;
      readout.hidden = !row;
      if (!row) return hair.remove();
      for (const [name, place] of [["x1", x], ["x2", x], ["y1", 0], ["y2", height]]) hair.setAttribute(name, place);
      svg.append(hair);
      const texts = [...row.cells].map((cell, i) => i ? `${titles[i]} ${cell.textContent}` : cell.textContent);
      readout.textContent = texts.filter(text => !text.endsWith("–")).join(" · ");
    });
    svg.addEventListener("pointerleave", () => { readout.hidden = true; hair.remove(); });
  }
})();
