// The sample browser. Texts are untrusted: they become text nodes, never markup.
const PAGE = 50;
const list = document.getElementById("list");
const more = document.getElementById("more");
const search = document.getElementById("search");
const chips = document.getElementById("chips");
let verdictFilter = null;
let idFilter = null;
let shown = PAGE;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const haystacks = data.samples.map((sample) =>
  [sample.id, sample.problem, sample.expected, sample.extracted, sample.explanation,
    sample.errorCode, sample.errorMessage, sample.answer]
    .filter((text) => text !== null)
    .join("\n")
    .toLowerCase());

function mark(verdict) {
  const symbol = element("span", "mark mark-" + verdict.key, verdict.symbol);
  symbol.setAttribute("aria-hidden", "true");
  return symbol;
}

function found() {
  const words = search.value.toLowerCase();
  return data.samples.filter((sample, i) =>
    (verdictFilter === null || sample.verdict === verdictFilter) &&
    (idFilter === null || sample.id === idFilter) &&
    haystacks[i].includes(words));
}

function block(body, title, text) {
  if (text === null || text === "") return;
  body.append(element("h4", "", title), element("pre", "", text));
}

function fill(body, sample) {
  block(body, "Problem", sample.problem);
  block(body, "Verdict", sample.explanation);
  if (sample.errorCode !== null) {
    block(body, "Error", sample.errorCode + ": " + (sample.errorMessage ?? ""));
  }
  block(body, "Answer", sample.answer);
  if (sample.reasoning !== null && sample.reasoning !== "") {
    const folded = element("details");
    const title = "Reasoning (" + sample.reasoning.length.toLocaleString("en") + " characters)";
    folded.append(element("summary", "", title), element("pre", "", sample.reasoning));
    body.append(folded);
  }
  const facts = element("dl", "facts");
  const fact = (name, value) => {
    if (value === null) return;
    const pair = element("div");
    pair.append(element("dt", "", name), element("dd", "", value));
    facts.append(pair);
  };
  fact("Expected", sample.expected);
  fact("Extracted", sample.extracted);
  fact("Finish reason", sample.finish);
  fact("Tokens, prompt + completion", sample.promptTokens + " + " + sample.completionTokens);
  fact("Time", sample.ms === null ? null : short(sample.ms / 1000) + " s");
  body.append(facts);
}

function card(sample) {
  const verdict = VERDICTS.find((candidate) => candidate.key === sample.verdict);
  const details = element("details", "sample");
  const summary = element("summary");
  const name = element("span", "sample-id", sample.id + " #" + sample.index);
  const answers = (sample.extracted ?? "–") + " / " + (sample.expected ?? "–");
  const end = element("span", "sample-answers", sample.errorCode ?? answers);
  end.title = sample.errorCode ?? "extracted " + answers.replace(" / ", ", expected ");
  summary.append(
    mark(verdict),
    name,
    element("span", "sample-problem", (sample.problem ?? "").slice(0, 200)),
    end,
    element("span", "visually-hidden", verdict.label));
  details.append(summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) {
      const body = element("div", "sample-body");
      fill(body, sample);
      details.append(body);
    }
  });
  return details;
}

function render() {
  const samples = found();
  const page = samples.slice(0, shown);
  list.replaceChildren(...page.map(card));
  more.hidden = samples.length <= shown;
  document.getElementById("found").textContent =
    "Showing " + page.length + " of " + samples.length + (samples.length === 1 ? " sample" : " samples")
    + (idFilter === null ? "" : " of problem " + idFilter)
    + ". Each line ends in the extracted / the expected answer.";
  for (const chip of chips.children) {
    chip.setAttribute("aria-pressed", String(chip.dataset.verdict === (verdictFilter ?? "")));
  }
}

function filter(verdict, id) {
  verdictFilter = verdict;
  idFilter = id;
  shown = PAGE;
  render();
}

function showProblem(id) {
  search.value = "";
  filter(null, id);
  document.getElementById("samples").scrollIntoView();
}

function chip(key, label, count, symbol) {
  const button = element("button");
  button.type = "button";
  button.dataset.verdict = key;
  if (symbol) button.append(symbol);
  button.append(label + " " + count);
  button.addEventListener("click", () => filter(key === "" ? null : key, null));
  chips.append(button);
}

chip("", "all", data.samples.length);
for (const verdict of VERDICTS) {
  const count = data.samples.filter((sample) => sample.verdict === verdict.key).length;
  if (count > 0) chip(verdict.key, verdict.label, count, mark(verdict));
}
search.addEventListener("input", () => {
  shown = PAGE;
  render();
});
more.addEventListener("click", () => {
  const next = shown;
  shown += PAGE;
  render();
  list.children[next]?.querySelector("summary").focus();
});
render();
