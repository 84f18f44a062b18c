/**
 * The model of the faces without a kernel: it answers from the data of the page.
 *
 * `data` is what page_data.py writes: rows as parallel lists, `parents[i]` the position of row i's parent (-1 for the
 * first row, the group that the page is of). Nothing is looked up in plain objects by names from the data.
 */

const ORDER_WORDS = new Map([["asc", "ascending"], ["desc", "descending"]]);
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

/** Compare texts by code point: UTF-16 has the characters beyond U+FFFF (surrogates) before U+E000. */
export function byCodePoint(one, other) {
  const raised = (unit) => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const difference = raised(one.charCodeAt(at)) - raised(other.charCodeAt(at));
    if (difference) return difference;
  }
  return one.length - other.length;
}

function compare(one, other) {
  return typeof one === "string" ? byCodePoint(one, String(other)) : one - other;
}

/** Sort positions by their values: nulls last both ways, ties by name ascending, then as they stand. */
export function sorted(positions, values, order, names) {
  const sign = order === "desc" ? -1 : 1;
  const missing = (at) => values[at] === null || values[at] === undefined;
  return [...positions].sort((one, other) => {
    if (missing(one) !== missing(other)) return missing(one) ? 1 : -1;
    const difference = missing(one) ? 0 : sign * compare(values[one], values[other]);
    return difference || byCodePoint(names[one], names[other]);
  });
}

/** Write rows as CSV that a spreadsheet can open without running what is in it; header names count as text too. */
export function csvText(rows) {
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const text = Array.isArray(value) ? JSON.stringify(value) : FORMULA.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

export class StaticModel {
  /** `rowsOf(kind, scene)`, from chart_rows.js or learner_rows.js, computes what a chart draws. */
  constructor(data, rowsOf) {
    this.data = data;
    this.rowsOf = rowsOf;
    this.figures = new Map(data.figures.map(({ key, values }) => [key, values]));
    this.children = data.names.map(() => []);
    data.parents.forEach((parent, at) => parent >= 0 && this.children[parent].push(at));
    this.place = [0]; // positions from the page's group down to the group in view
    this.listeners = new Map();
    this.changed = new Set();
    this.number = 0;
    this.values = new Map(Object.entries({
      path: [], sort: data.sort, filter: "", page: 1, marked: [], chips: [], kind: data.chart?.kinds[0]?.key ?? "",
      kinds: data.chart?.kinds ?? [], configs: data.chart?.configs ?? {},
    }));
    this.refresh();
  }

  // The model that the faces talk to

  get(key) {
    return this.values.get(key);
  }

  set(key, value) {
    this.values.set(key, value);
    this.changed.add(key);
  }

  on(event, callback) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), callback]);
  }

  off(event, callback) {
    this.listeners.set(event, (this.listeners.get(event) ?? []).filter((one) => one !== callback));
  }

  save_changes() {
    const { changed } = this;
    this.changed = new Set();
    if (changed.has("ask")) return this.answer(this.get("ask").at(-1));
    if (changed.has("picked")) this.openPicked(this.get("picked").id);
    if (changed.has("path") && this.goTo(this.get("path"))) this.clear("filter", "marked");
    if (["path", "picked", "sort", "filter", "chips"].some((key) => changed.has(key))) this.values.set("page", 1);
    this.refresh();
  }

  publish(key, value) {
    this.values.set(key, value);
    for (const callback of this.listeners.get(`change:${key}`) ?? []) callback();
  }

  // Where we are

  goTo(path) {
    const place = [0];
    for (const name of path) {
      const next = this.children[place.at(-1)].find((at) => this.data.names[at] === name);
      if (next === undefined) return false;
      place.push(next);
    }
    this.place = place;
    return true;
  }

  openPicked(name) {
    const row = this.children[this.place.at(-1)].find((at) => this.data.names[at] === name);
    if (row === undefined || !this.children[row].length) return;
    this.place = [...this.place, row];
    this.clear("filter", "marked");
  }

  clear(...keys) {
    for (const key of keys) this.values.set(key, key === "marked" ? [] : "");
  }

  // Rows

  /** Return the positions of the rows in view: filtered and sorted, of every page. */
  rows() {
    const { names } = this.data;
    const text = this.get("filter").toLowerCase();
    const chosen = this.chosenChips();
    const found = this.children[this.place.at(-1)].filter((at) => (
      names[at].toLowerCase().includes(text) && chosen.every(({ of, wanted }) => of[at].some((one) => wanted.has(one)))
    ));
    const sort = this.get("sort");
    const values = sort && (sort.field === this.data.name_key ? names : this.figures.get(sort.field));
    return values ? sorted(found, values, sort.order, names) : found;
  }

  /** Return, for each group of chips with one that is on, the values it wants. */
  chosenChips() {
    return this.data.chips.flatMap(({ group, of }) => {
      const wanted = new Set(this.allChips(group, of).filter((chip) => this.get("chips").includes(chip.key)).map((chip) => chip.label));
      return wanted.size ? [{ of, wanted }] : [];
    });
  }

  allChips(group, of) {
    const counts = new Map();
    for (const value of of.flat()) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts.keys()].sort(byCodePoint).map((label) => ({
      key: JSON.stringify([group, label]), group, label, count: counts.get(label),
    }));
  }

  columns() {
    const { columns, name_key: key, levels } = this.data;
    const name = { key, label: levels[this.place.length - 1], kind: "text", sortable: true };
    return [name, ...columns];
  }

  cell(column, at) {
    const value = this.figures.get(column.key)[at];
    return column.kind === "zone" ? { value, zone: this.data.figures.find((one) => one.key === column.key).zones[at] } : value;
  }

  cells(at) {
    return [this.data.names[at], ...this.data.columns.map((column) => this.cell(column, at))];
  }

  // What the faces draw

  refresh() {
    const rows = this.rows();
    const size = this.data.page_size;
    const pages = Math.max(1, Math.ceil(rows.length / size));
    const page = Math.min(this.get("page"), pages);
    const shown = rows.slice((page - 1) * size, page * size);
    this.values.set("page", page);
    this.values.set("path", this.path());
    this.publish("view", this.view(rows, shown, page, pages));
    if (this.data.chart) this.drawChart(rows, shown);
  }

  path() {
    return this.place.slice(1).map((at) => this.data.names[at]);
  }

  unit() {
    return this.data.units[this.place.length - 1];
  }

  caption() {
    const unit = this.unit();
    return this.place.length === 1 ? this.data.title : `${unit[0].toUpperCase()}${unit.slice(1)} of ${this.data.names[this.place.at(-1)]}`;
  }

  view(rows, shown, page, pages) {
    const { data } = this;
    const here = this.place.at(-1);
    return {
      number: (this.number += 1),
      caption: this.caption(),
      crumbs: data.flat ? [] : this.crumbs(),
      columns: this.columns(),
      own: data.flat ? null : { label: data.names[here], cells: this.cells(here) },
      rows: shown.map((at) => ({
        id: data.names[at], opens: this.children[at].length > 0, cells: this.cells(at), note: data.withheld[at] ? "withheld" : null,
      })),
      first: (page - 1) * data.page_size + 1, total: rows.length, page, pages, unit: this.unit(),
      sort: this.get("sort"), filter: this.get("filter"), filter_label: `Filter ${this.unit()} by name`,
      markable: false, marked: [], mark_limit: 0,
      chips: data.chips.flatMap(({ group, of }) => this.allChips(group, of)).map((chip) => ({ ...chip, on: this.get("chips").includes(chip.key) })),
      notes: data.notes, message: this.message(rows.length, page, pages), error: null, busy: false,
      asks: [{ what: "csv", label: "CSV of these rows" }],
    };
  }

  crumbs() {
    return this.place.map((at, depth) => ({
      label: this.data.names[at], hint: depth ? this.data.levels[depth - 1] : "", to: this.path().slice(0, depth),
    }));
  }

  message(total, page, pages) {
    const sort = this.get("sort");
    const label = sort && this.columns().find((column) => column.key === sort.field)?.label;
    return [
      `${this.data.names[this.place.at(-1)]}: ${total.toLocaleString("en-US")} ${this.unit()}`,
      this.get("filter") ? "filtered" : "",
      label ? `sorted by ${label}, ${ORDER_WORDS.get(sort.order)}` : "",
      pages > 1 ? `page ${page} of ${pages}` : "",
    ].filter(Boolean).join(", ");
  }

  answer({ n }) {
    const keys = this.columns().flatMap(({ key, kind }) => (kind === "zone" ? [key, `${key}_range`] : [key]));
    const flat = (cell, column) => (column.kind === "zone" ? [cell.value, cell.zone] : [cell]);
    const columns = this.columns();
    const rows = this.rows().map((at) => this.cells(at).flatMap((cell, position) => flat(cell, columns[position])));
    this.publish("reply", { n, what: "csv", name: `${this.unit()}.csv`, mime: "text/csv;charset=utf-8", text: csvText([keys, ...rows]) });
  }

  /** Draw the kind in view: as Python drew it, or from the rows that were found and those shown of them. */
  drawChart(found, shown) {
    const { data, figures } = this;
    const { chart, names, withheld } = data;
    const kind = chart.kinds.find(({ key }) => key === this.get("kind"));
    const here = this.place.at(-1);
    const scene = {
      data, chart, names, figures, withheld, found, rows: shown, here, siblings: this.children[here],
      name: here ? names[here] : chart.top, distribution: chart.distributions?.[here] ?? null,
    };
    const { datasets, summary, title } = kind.datasets ? kind : this.rowsOf(kind.key, scene);
    this.publish("spec", kind.spec);
    this.publish("datasets", datasets);
    this.publish("title", title ?? `${kind.label}: ${names[here]}`);
    this.publish("summary", summary);
    this.publish("kind", kind.key);
  }
}
