/** A page without a kernel: its data, the model over them, and the faces. */

import { rowsOf } from "./chart_rows.js";
import { render as renderChart } from "./chart.js";
import { render as renderTable } from "./explorer.js";
import { learnerRowsOf } from "./learner_rows.js";
import { StaticModel } from "./static_model.js";

async function readData() {
  const element = document.getElementById("data");
  if (element.dataset.form !== "gzip") return JSON.parse(element.textContent);
  const bytes = Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

function start(data) {
  const model = new StaticModel(data, data.flat ? learnerRowsOf : rowsOf);
  renderTable({ model, el: document.getElementById("table") });
  if (data.chart) renderChart({ model, el: document.getElementById("chart") });
}

readData().then(start).catch((error) => {
  document.getElementById("failure").textContent = `This page could not be shown: ${error.message}`;
});
