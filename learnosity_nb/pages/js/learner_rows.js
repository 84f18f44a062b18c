/**
 * The rows of the charts of a page of learners, counted over the rows in view, as the `charts` room of the Python
 * package counts them. The bins of each figure, and in which of them each row is, Python has chosen.
 */

const ZONES = ["below", "average", "above"]; // as a cell has them; the last word of `chart.zones` is for none of them
const whole = new Intl.NumberFormat("en-US");
const tenths = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

/** Count learners by bin and zone; `zoneOf` gives the position of a row's zone in `words`. */
function barsOf({ edges, labels, bins }, words, zoneOf, rows) {
  const counts = labels.map(() => words.map(() => 0));
  for (const at of rows) if (bins[at] !== null) counts[bins[at]][zoneOf(at)] += 1;
  return counts.flatMap((inBin, bin) => {
    let to = 0;
    return inBin.flatMap((count, zone) => {
      const from = to;
      to += count;
      return count ? [{ start: edges[bin], end: edges[bin + 1], zone: words[zone], from, to, count, label: labels[bin] }] : [];
    });
  });
}

/** Return the zones that have learners, with where each begins: at its first bar, or at a value within it. */
function zonesOf(bars, lows, words) {
  const zones = new Map();
  for (const { zone, start, from, count } of bars) {
    const low = lows[words.indexOf(zone)] ?? start;
    const known = zones.get(zone) ?? { zone, value: from ? Math.max(start, low) : start, learners: 0 };
    zones.set(zone, { ...known, learners: known.learners + count });
  }
  const labelled = (one, at) => ({ ...one, label: `${one.zone}: ${whole.format(one.learners)}`, line: zones.size - 1 - at });
  return [...zones.values()].map(labelled);
}

function engagement(metric, label, { data, found }) {
  const { zones: words, none } = data.chart;
  const { zones } = data.figures.find(({ key }) => key === metric.key);
  const zoneOf = (at) => (zones[at] === null ? words.length - 1 : ZONES.indexOf(zones[at]));
  const bars = barsOf(metric, words, zoneOf, found);
  const begins = zonesOf(bars, metric.lows, words);
  const missing = found.filter((at) => metric.bins[at] === null).length;
  const told = begins.map((zone) => zone.label).join("; ") || "none";
  return {
    datasets: { bars, zones: begins, message: bars.length ? [] : [{ text: none }] },
    summary: `${label} in the week, learners: ${told}${missing ? `; without a value ${whole.format(missing)}` : ""}.`,
  };
}

function segments({ data, figures, found }) {
  const held = figures.get("segments");
  const rows = data.chart.segments.map((name) => {
    const learners = found.filter((at) => held[at].includes(name)).length;
    const share = found.length ? (100 * learners) / found.length : null;
    const label = whole.format(learners) + (share === null ? "" : ` (${tenths.format(share)} %)`);
    return { name, learners, share, label };
  });
  rows.sort((one, other) => other.learners - one.learners || (one.name < other.name ? -1 : 1));
  const told = rows.map(({ name, label }) => `${name} ${label}`).join(", ");
  return { datasets: { segments: rows, message: [] }, summary: `Of ${learnersOf(found)}: ${told}.` };
}

function learnersOf(found) {
  return `${whole.format(found.length)} learner${found.length === 1 ? "" : "s"}`;
}

/** Return the named datasets of one kind of chart, its summary and its title. */
export function learnerRowsOf(kind, scene) {
  const { chart } = scene.data;
  const { label } = chart.kinds.find(({ key }) => key === kind);
  const metric = chart.metrics.find(({ key }) => key === kind);
  const drawn = metric ? engagement(metric, label, scene) : segments(scene);
  return { ...drawn, title: `${label}: ${learnersOf(scene.found)}` };
}
