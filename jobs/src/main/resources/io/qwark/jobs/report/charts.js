// Draws the charts. Every text from the data reaches the page through canvas or textContent only.
const data = JSON.parse(document.getElementById("data").textContent);
const VERDICTS = [
  { key: "correct", label: "correct", symbol: "✓" },
  { key: "incorrect", label: "incorrect", symbol: "✗" },
  { key: "no_answer", label: "no answer", symbol: "∅" },
  { key: "unscored", label: "unscored", symbol: "?" },
  { key: "failed", label: "failed", symbol: "!" },
];
const charts = [];
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const color = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const short = (number) => Number(number.toPrecision(3)).toLocaleString("en");

function axis(title, more) {
  return {
    title: { display: true, text: title, color: color("muted") },
    ticks: { color: color("muted"), precision: 0, maxRotation: 0, autoSkipPadding: 16 },
    grid: { color: color("line") },
    border: { color: color("line") },
    ...more,
  };
}

function draw(name, label, config) {
  document.getElementById("figure-" + name).hidden = false;
  const canvas = document.getElementById("chart-" + name);
  canvas.setAttribute("aria-label", label);
  const { options, ...rest } = config;
  charts.push(
    new Chart(canvas, {
      ...rest,
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        ...options,
        plugins: {
          legend: {
            position: "bottom",
            labels: { color: color("text"), boxWidth: 12, boxHeight: 12 },
          },
          ...options.plugins,
        },
      },
    }));
}

// One data set for each verdict that occurs, stacked.
function byVerdict(counts) {
  return VERDICTS.map((verdict, i) => ({
    label: verdict.symbol + " " + verdict.label,
    data: counts(i),
    backgroundColor: color(verdict.key),
    stack: "verdicts",
    barPercentage: 1,
    categoryPercentage: 0.94,
  })).filter((set) => sum(set.data) > 0);
}

function drawColumns() {
  const columns = data.columns;
  if (columns.length === 0) return;
  const isGrouped = columns.some((column) => column.id === null);
  document.getElementById("columns-note").textContent = isGrouped
    ? "Hardest first. There are many problems, so neighbours share a column."
    : "Hardest first. Select a column to see its samples.";
  draw("columns", "Verdicts of " + columns.length + " problems or groups, hardest first", {
    type: "bar",
    data: {
      labels: columns.map((column) => column.label),
      datasets: byVerdict((i) => columns.map((column) => column.counts[i])).map((set) => ({
        ...set,
        categoryPercentage: columns.length > 150 ? 1 : 0.94,
      })),
    },
    options: {
      scales: {
        x: axis("problems", { stacked: true, ticks: { display: false }, grid: { display: false } }),
        y: axis("samples", { stacked: true }),
      },
      onClick: (event, items) => {
        const id = items.length > 0 ? columns[items[0].index].id : null;
        if (id !== null) showProblem(id);
      },
    },
  });
}

function drawAccuracies() {
  const bars = data.accuracies;
  const total = sum(bars.map((bar) => bar.problems));
  if (total === 0) return;
  const text = bars.map((bar) => bar.label + ": " + bar.problems).join("; ");
  draw("accuracies", "Number of problems by share of correct samples. " + text, {
    type: "bar",
    data: {
      labels: bars.map((bar) => bar.label),
      datasets: [
        {
          label: "problems",
          data: bars.map((bar) => bar.problems),
          backgroundColor: color("accent"),
          borderRadius: 3,
        },
      ],
    },
    options: {
      scales: { x: axis("correct samples", { grid: { display: false } }), y: axis("problems") },
      plugins: { legend: { display: false } },
    },
  });
}

function bins(histogram) {
  return histogram.counts[0].map((ignored, i) => i * histogram.width);
}

function histogramOptions(histogram, title) {
  const range = (items) =>
    short(items[0].dataIndex * histogram.width) +
    " to " + short((items[0].dataIndex + 1) * histogram.width) + " " + title;
  return {
    scales: {
      x: axis(title, {
        stacked: true,
        grid: { display: false },
        ticks: {
          color: color("muted"),
          maxRotation: 0,
          autoSkipPadding: 16,
          callback: (value) => short(value * histogram.width),
        },
      }),
      y: axis("samples", { stacked: true }),
    },
    plugins: { tooltip: { callbacks: { title: range } } },
  };
}

function drawLengths() {
  const histogram = data.lengths;
  if (histogram.counts[0].length === 0) return;
  draw("lengths", "Histogram of completion lengths in tokens by verdict", {
    type: "bar",
    data: { labels: bins(histogram), datasets: byVerdict((i) => histogram.counts[i]) },
    options: histogramOptions(histogram, "tokens"),
  });
}

function drawSeconds() {
  const histogram = data.seconds;
  if (histogram.counts[0].length === 0) return;
  const set = (label, i, name) => ({
    label,
    data: histogram.counts[i],
    backgroundColor: color(name),
    stack: label,
    grouped: false,
    barPercentage: 1,
    categoryPercentage: 0.94,
  });
  const sets = [set("to the first token", 0, "second"), set("to the last token", 1, "accent")];
  draw("seconds", "Histogram of seconds to the first and the last token", {
    type: "bar",
    data: {
      labels: bins(histogram),
      datasets: sets.filter((candidate) => sum(candidate.data) > 0),
    },
    options: histogramOptions(histogram, "seconds"),
  });
}

function drawProgress() {
  const points = data.progress;
  if (points.length < 3) return;
  const rates = points.map((point, i) => {
    const from = points[Math.max(0, i - 2)];
    const seconds = point[0] - from[0];
    return { x: point[0], y: seconds > 0 ? (point[2] - from[2]) / seconds : null };
  });
  const line = (label, values, axisId, name, dash) => ({
    label,
    data: values,
    yAxisID: axisId,
    borderColor: color(name),
    backgroundColor: color(name),
    borderDash: dash,
    borderWidth: 2,
    pointRadius: 0,
    pointHitRadius: 8,
  });
  const samples = points.map((point) => ({ x: point[0], y: point[1] }));
  draw("progress", "Samples completed and tokens per second over time", {
    type: "line",
    data: {
      datasets: [
        line("samples completed", samples, "y", "accent", []),
        line("tokens/s", rates.slice(1), "rate", "second", [5, 3]),
      ],
    },
    options: {
      scales: {
        x: axis("seconds", { type: "linear", max: points[points.length - 1][0] }),
        y: axis("samples", { beginAtZero: true }),
        rate: axis("tokens/s", {
          position: "right",
          beginAtZero: true,
          grid: { drawOnChartArea: false },
        }),
      },
      plugins: {
        legend: {
          position: "bottom",
          labels: { color: color("text"), usePointStyle: true, pointStyle: "line" },
        },
      },
    },
  });
}

function drawAll() {
  charts.splice(0).forEach((chart) => chart.destroy());
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  [drawColumns, drawAccuracies, drawLengths, drawSeconds, drawProgress].forEach((f) => f());
}
drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
