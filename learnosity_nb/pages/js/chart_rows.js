/**
 * The rows of the charts of a page, as the `charts` room of the Python package computes them.
 *
 * A scene is what is in view: `rows` (of the page in view), `siblings` (of all pages) and `here` are positions in `names`
 * and in the lists of `figures`, `name` is what
 * the group in view is called, `distribution` its {values, counts, edges, bars, labels}: what occurs how often, and the
 * bins of the histogram, which Python has chosen.
 */

import { byCodePoint } from "./static_model.js";

const COUNTED = new Set(["distribution", "ecdf"]); // kinds that need how often each value occurs
const STEPS = 200;
const MOST_POINTS = 200;
const NAMED = 6;
const LIMIT_POINTS = 60;
const ZONES = ["within 95 %", "beyond 95 %", "beyond 99.8 %"];
const NO_LIMITS = "no limits";
const [INNER, OUTER] = [1.959963984540054, 3.090232306167813]; // standard errors to the limits of 95 % and of 99.8 %
const number = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });

const sum = (values) => values.reduce((total, value) => total + value, 0);

function figure(scene, key, at) {
  return scene.figures.get(key)?.[at] ?? null;
}

function row(scene, at, values) {
  return { id: scene.names[at], name: scene.names[at], population: figure(scene, "population", at), ...values };
}

/** Return the rows that are not withheld and have a value in every one of `needed`. */
function drawable(scene, positions, needed, valuesOf) {
  return positions
    .filter((at) => !scene.withheld[at])
    .map((at) => row(scene, at, valuesOf(at)))
    .filter((one) => needed.every((key) => one[key] !== null));
}

function reference(scene, key) {
  const value = scene.withheld[scene.here] ? null : figure(scene, key, scene.here);
  return value === null ? [] : [{ value, label: `${scene.name} ${number.format(value)}` }];
}

/** Return the middle value of a distribution, or the mean of the two middle ones; null of an empty one. */
function medianOf({ values, counts }) {
  const total = sum(counts);
  if (!total) return null;
  const nth = (wanted) => {
    let passed = 0;
    return values[counts.findIndex((count) => (passed += count) > wanted)];
  };
  return (nth(Math.floor((total - 1) / 2)) + nth(Math.floor(total / 2))) / 2;
}

function middle({ distribution }) {
  const value = distribution ? medianOf(distribution) : null;
  return value === null ? [] : [{ group: "", value, label: `median ${number.format(value)}` }];
}

function bars({ distribution }) {
  if (!distribution) return [];
  const { edges, bars: counts, labels } = distribution;
  const total = sum(counts);
  return counts.map((count, at) => ({
    group: "", start: edges[at], end: edges[at + 1], count, share: (100 * count) / total, label: labels[at],
  }));
}

/** Return the steps of the cumulative distribution; of very many those that reach the next STEPS-th part. */
function steps({ distribution }) {
  if (!distribution?.values.length) return [];
  const { values, counts } = distribution;
  const total = sum(counts);
  let passed = 0;
  let reached = 0;
  const all = values.map((value, at) => ({ group: "", value, share: (100 * (passed += counts[at])) / total }));
  const kept = all.length <= STEPS ? all : all.filter(({ share }) => {
    const before = reached;
    reached = Math.floor((share * STEPS) / 100 + 1e-9);
    return reached > before;
  });
  return [{ group: "", value: values[0], share: 0 }, ...kept];
}

function percentiles(scene) {
  const statistics = scene.chart.statistics; // [name in the chart, figure], ascending
  const valuesOf = (at) => Object.fromEntries(statistics.map(([name, key]) => [name, figure(scene, key, at)]));
  return drawable(scene, scene.rows, ["median"], valuesOf);
}

function ranking(scene) {
  const { field } = scene.chart;
  const valuesOf = (at) => ({ value: figure(scene, field, at), low: figure(scene, "low", at), high: figure(scene, "high", at) });
  const rows = drawable(scene, scene.rows, ["value"], valuesOf);
  return rows.sort((one, other) => other.value - one.value || byCodePoint(one.name, other.name));
}

function attempted(scene, positions) {
  const valuesOf = (at) => ({
    attempted: figure(scene, "mean_attempted_percent", at), value: figure(scene, `mean_${scene.chart.measure}`, at),
  });
  return drawable(scene, positions, ["attempted", "value"], valuesOf);
}

/** Return the means of all groups here against their size, with the limits of what chance alone does. */
function funnel(scene) {
  const { measure } = scene.chart;
  const valuesOf = (at) => ({ value: figure(scene, `mean_${measure}`, at), spread: figure(scene, `stddev_${measure}`, at) });
  const known = drawable(scene, scene.siblings, ["population", "value"], valuesOf);
  const total = sum(known.map((one) => one.population));
  const weighted = total > 0 ? sum(known.map((one) => one.population * one.value)) / total : NaN;
  const own = scene.withheld[scene.here] ? null : figure(scene, `mean_${measure}`, scene.here);
  const middle = own ?? weighted;
  const spread = pooled(known);
  const groups = known.map(({ spread: ownSpread, ...one }) => {
    if (ownSpread === null || !(spread > 0)) return { ...one, z: null, zone: NO_LIMITS, label: "" };
    const z = ((one.value - middle) * Math.sqrt(one.population)) / spread;
    return { ...one, z, zone: ZONES[Number(Math.abs(z) > INNER) + Number(Math.abs(z) > OUTER)], label: "" };
  });
  for (const one of farthest(groups)) one.label = one.name;
  const limits = groups.length && spread > 0 ? limitRows(groups, middle, spread, measure) : [];
  const [first, last] = [limits[0], limits.at(-1)];
  return {
    groups: selection(groups),
    limits,
    limit_names: first ? [["high_95", "95 %"], ["high_998", "99.8 %"]].map(([key, label]) => ({ population: first.population, value: first[key], label })) : [],
    middle: last ? [{ population: last.population, value: middle, label: `${scene.name} ${number.format(middle)}` }] : [],
  };
}

/** Return the standard deviation within groups: their variances weighted by one less than their size. */
function pooled(groups) {
  const several = groups.filter((one) => one.population >= 2 && one.spread !== null);
  const free = sum(several.map((one) => one.population - 1));
  return several.length ? Math.sqrt(sum(several.map((one) => (one.population - 1) * one.spread ** 2)) / free) : NaN;
}

function limitRows(groups, middle, spread, measure) {
  const sizes = groups.map((one) => one.population);
  const from = Math.sqrt(Math.max(1, sizes.reduce((least, one) => Math.min(least, one))));
  const to = Math.sqrt(sizes.reduce((most, one) => Math.max(most, one)));
  const within = (value) => (measure === "percent" ? Math.min(Math.max(value, 0), 100) : value);
  return Array.from({ length: LIMIT_POINTS }, (_, at) => {
    const root = from + ((to - from) * at) / (LIMIT_POINTS - 1);
    const [inner, outer] = [INNER, OUTER].map((errors) => (errors * spread) / root);
    return {
      population: root ** 2, middle,
      low_95: within(middle - inner), high_95: within(middle + inner), low_998: within(middle - outer), high_998: within(middle + outer),
    };
  });
}

/** Return the groups that are named: the farthest out beyond 99.8 %, as long as no two names meet. */
function farthest(groups) {
  const unit = (values) => {
    const least = values.reduce((one, other) => Math.min(one, other), Infinity);
    const range = values.reduce((one, other) => Math.max(one, other), -Infinity) - least;
    return (value) => (value - least) / (range || 1);
  };
  const across = unit(groups.map((one) => Math.sqrt(one.population)));
  const up = unit(groups.map((one) => one.value));
  const far = (one, other) => Math.abs(across(Math.sqrt(one.population)) - across(Math.sqrt(other.population))) > 0.2
    || Math.abs(up(one.value) - up(other.value)) > 0.05;
  const told = [];
  const outside = groups.filter((one) => one.zone === ZONES[2]).sort((one, other) => Math.abs(other.z) - Math.abs(one.z));
  for (const one of outside) if (told.length < NAMED && told.every((other) => far(one, other))) told.push(one);
  return told;
}

/** Return at most MOST_POINTS groups: the named ones, and the others at even steps through their order by size. */
function selection(groups) {
  if (groups.length <= MOST_POINTS) return groups;
  const others = groups.filter((one) => !one.label).sort((one, other) => one.population - other.population || one.value - other.value);
  const last = MOST_POINTS - NAMED - 1;
  const kept = new Set(Array.from({ length: last + 1 }, (_, at) => others[Math.floor(((others.length - 1) * at) / last + 0.5)]));
  return groups.filter((one) => one.label || kept.has(one));
}

const DATASETS = new Map([
  ["distribution", (scene) => ({ bars: bars(scene), middle: middle(scene) })],
  ["ecdf", (scene) => ({ steps: steps(scene), middle: middle(scene) })],
  ["percentiles", (scene) => ({ groups: percentiles(scene), own: reference(scene, `median_${scene.chart.measure}`) })],
  ["ranking", (scene) => ({ groups: ranking(scene), own: scene.chart.counts ? [] : reference(scene, scene.chart.field) })],
  ["funnel", funnel],
  ["attempted", (scene) => ({ groups: attempted(scene, scene.rows), own: attempted(scene, [scene.here]).map((one) => ({ ...one, name: scene.name })) })],
]);

/** Say in words what a chart shows, for those who do not see it. */
function summaryOf(scene, rows, message) {
  if (!rows.length) return `${message}.`;
  if ("share" in rows[0]) return `${scene.names[scene.here]}: median ${number.format(medianOf(scene.distribution))} of ${number.format(sum(scene.distribution.counts))} learners.`;
  const valued = rows.map((one) => ({ name: one.name, value: one.value ?? one.median }));
  const ordered = valued.sort((one, other) => other.value - one.value);
  const [highest, lowest] = [ordered[0], ordered.at(-1)];
  const told = ({ name, value }) => `${name} ${number.format(value)}`;
  const ends = ordered.length === 1 ? `${told(highest)}.` : `Highest: ${told(highest)}. Lowest of ${ordered.length} in view: ${told(lowest)}.`;
  return rows.some((one) => one.zone === NO_LIMITS) ? `${ends} Crosses have no limits: fewer than 2 scores, or all the same.` : ends;
}

/** Return the named datasets of one kind of chart, and its summary. */
export function rowsOf(kind, scene) {
  const datasets = DATASETS.get(kind)(scene);
  const [first] = Object.values(datasets);
  const unknown = COUNTED.has(kind) && !scene.distribution && !scene.withheld[scene.here];
  const hidden = (COUNTED.has(kind) ? [scene.here] : [scene.here, ...scene.siblings]).some((at) => scene.withheld[at]);
  const message = unknown ? "This page holds no distribution of this group" : hidden ? "Withheld" : "No scores";
  return { datasets: { ...datasets, message: first.length ? [] : [{ text: message }] }, summary: summaryOf(scene, first, message) };
}
