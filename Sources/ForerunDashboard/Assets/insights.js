// What all runs came to together.

import { ask, fill, h, listen } from "./dom.js";
import { compact, count, money, percent, plural, seconds } from "./format.js";
import { calibrationPlot, savingsPlot } from "./plots.js";

const outcomes = { committed: "asked in turn", ahead: "asked ahead, used", wasted: "asked ahead in vain", guesses: "asked for guesses", unfinished: "not finished" };

export function show(main) {
    let request = null;
    const period = h("select", { "aria-label": "Period" }, [["30", "Last 30 days"], ["7", "Last 7 days"], ["90", "Last 90 days"], ["365", "Last year"], ["", "All time"]].map(([value, text]) => h("option", { value }, text)));
    const agent = h("select", { "aria-label": "Agent" }, h("option", { value: "" }, "All agents"));
    const body = h("div");
    fill(main, h("div", { class: "sheet" },
        h("form", { class: "filters", onsubmit: (event) => event.preventDefault() }, h("h1", {}, "Insights"), h("span", { class: "grow" }), agent, period), body));

    async function load() {
        request?.abort();
        request = new AbortController();
        const query = new URLSearchParams();
        if (agent.value) query.set("agent", agent.value);
        if (period.value) {
            const from = new Date(Date.now() - Number(period.value) * 86_400_000);
            query.set("since", from.toISOString().slice(0, 10).replaceAll("-", ""));
        }
        try {
            if (!body.firstChild) fill(body, h("p", { class: "empty" }, "…"));
            const report = await ask(`/api/report?${query}`, { signal: request.signal });
            if (!agent.value && agent.options.length === 1) {
                fill(agent, h("option", { value: "" }, "All agents"), report.agents.filter((row) => row.agent).map((row) => h("option", { value: row.agent }, row.agent)));
            }
            const reading = report.reading && h("p", { class: "hint", role: "status" }, `Reading logs: ${count(report.reading.done)} of ${count(report.reading.all)}`);
            fill(body, reading, report.total.runs ? cards(report) : h("p", { class: "empty" }, "No run fits."));
        } catch (error) {
            if (error.name !== "AbortError") fill(body, h("p", { class: "problem", role: "alert" }, error.message));
        }
    }

    for (const input of [period, agent]) input.addEventListener("input", load);
    load();
    const stop = listen("/api/events", { changed: () => load() });
    return () => {
        stop();
        request?.abort();
    };
}

function cards(report) {
    const { total } = report;
    const bins = report.calibration;
    const guesses = bins.reduce((sum, bin) => sum + bin.count, 0);
    const gap = guesses ? bins.reduce((sum, bin) => sum + Math.abs(bin.expected - bin.hits), 0) / guesses : null;
    const sums = {};
    for (const row of report.costs) for (const [currency, value] of Object.entries(row.money)) sums[currency] = (sums[currency] ?? 0) + value;
    const extra = {};
    for (const row of report.costs.filter((row) => ["wasted", "guesses"].includes(row.outcome))) {
        for (const [currency, value] of Object.entries(row.money)) extra[currency] = (extra[currency] ?? 0) + value;
    }
    const tiles = [
        ["Time saved", seconds(total.savedSeconds), `${percent(total.savedSeconds, total.seconds + total.savedSeconds)} of ${seconds(total.seconds + total.savedSeconds)} in turn`, total.savedSeconds > 0],
        ["Runs", count(total.runs), report.ends.slice(0, 2).map((row) => `${count(row.runs)} ${row.end}`).join(", ")],
        ["Call hits", percent(total.callHits, total.calls), `${count(total.callHits)} of ${plural(total.calls, "call")}`],
        ["Turn hits", percent(total.turnHits, total.turns), `${count(total.turnHits)} of ${plural(total.turns, "turn")}`],
        ["Tokens", compact(total.tokens), `and ${compact(total.wastedTokens)} in vain`],
        Object.keys(sums).length > 0 && ["Cost", money(sums), Object.keys(extra).length ? `${money(extra)} of it for guesses` : ""],
    ].filter(Boolean);
    return [
        h("dl", { class: "tiles panel" }, tiles.map(([title, value, more, isGood]) => h("div", { class: "tile" }, h("dt", {}, title), h("dd", { class: isGood ? "good" : "" }, value, h("small", {}, more))))),
        h("div", { class: "cards" },
            card("wide", "Savings over time", "What runs took, and on top what speculation took off", savingsPlot(report.days)),
            card("slim", "Calibration", gap === null ? "No guesses yet" : `Off by ${(gap * 100).toFixed(1)} points on average`, calibrationPlot(bins)),
            report.costs.length > 0 && card("full", "Cost", "What models were asked, and what came of it", table(
                ["model", "outcome", "requests", "input", "output", "money"],
                report.costs.map((row) => [row.model, outcomes[row.outcome] ?? row.outcome, count(row.requests), compact(row.input), compact(row.output),
                    Object.keys(row.money).length ? money(row.money) : "unknown"]), 2)),
            card("", "Sources of guesses", "How often they were right, and how often they said they would be", report.sources.length ? table(
                ["source", "came true", "expected", "guesses"],
                report.sources.map((row) => [row.source, meter(row.hits, row.guesses), percent(row.expected, row.guesses), count(row.guesses)]), 1) : h("p", { class: "dim" }, "Nothing was guessed.")),
            card("", "Tools", "Calls whose output was there before they were asked for", report.tools.length ? table(
                ["tool", "made ahead", "calls", "errors", "time"],
                report.tools.map((row) => [row.tool, meter(row.hits, row.calls), count(row.calls), count(row.errors), seconds(row.seconds)]), 1) : h("p", { class: "dim" }, "No call was made.")),
            report.agents.length > 1 && card("full", "Agents", "", table(
                ["agent", "saved", "time", "runs", "turns", "tokens"],
                report.agents.map((row) => [row.agent || "–", h("span", {}, percent(row.savedSeconds, row.seconds + row.savedSeconds), " ", h("span", { class: "dim" }, seconds(row.savedSeconds))), seconds(row.seconds), count(row.runs), count(row.turns), compact(row.tokens)]), 1))),
    ];
}

function card(kind, title, words, ...children) {
    return h("section", { class: `card panel ${kind}`, "aria-label": title }, h("header", {}, h("h2", {}, title), h("p", {}, words)), h("div", { class: "table-scroll" }, children));
}

/** @param from the first column of figures. */
function table(head, rows, from) {
    const kind = (index) => (index >= from ? "number" : "");
    return h("table", {}, h("thead", {}, h("tr", {}, head.map((text, index) => h("th", { scope: "col", class: kind(index) }, text)))),
        h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, index) => h("td", { class: kind(index) }, cell))))));
}

function meter(part, whole) {
    return [h("span", { class: "meter", "aria-hidden": "true" }, h("i", { style: { width: `${whole ? (part / whole) * 100 : 0}%` } })), percent(part, whole)];
}
