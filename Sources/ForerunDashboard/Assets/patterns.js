// What was learnt of recorded runs: where the arguments of calls come from.

import { ask, fill, h } from "./dom.js";
import { compact, count, plural } from "./format.js";

export function show(main) {
    const body = h("div");
    fill(main, h("div", { class: "sheet" }, h("div", { class: "filters" }, h("h1", {}, "Patterns"), h("span", { class: "count" }, "learnt from recorded runs")), body));
    const request = new AbortController();
    (async () => {
        try {
            const agents = await ask("/api/patterns", { signal: request.signal });
            fill(body, agents.length ? agents.map((agent, index) => view(agent, index === 0)) : h("p", { class: "empty" },
                "Nothing was learnt yet. ", h("code", {}, "forerun learn ~/.local/state/forerun"), " learns from your own runs."));
        } catch (error) {
            if (error.name !== "AbortError") fill(body, h("p", { class: "problem", role: "alert" }, error.message));
        }
    })();
    return () => request.abort();
}

function view(agent, isOpen) {
    const place = h("div", { class: "body" });
    const details = h("details", { class: "panel pattern-agent", open: isOpen },
        h("summary", {}, h("b", {}, agent.agent === "*" ? "All agents" : agent.agent),
            h("span", { class: "dim" }, `${plural(agent.runs, "run")}, ${plural(agent.calls, "call")}, ${compact(agent.bytes)} bytes`)),
        place);
    const paint = (limit) => {
        const rows = agent.patterns.slice(0, limit).map(parts).map(([what, from, hits, there]) => h("tr", {},
            h("td", {}, h("code", {}, what)), h("td", { class: "dim" }, from),
            h("td", { class: "number" }, there ? [h("span", { class: "meter", "aria-hidden": "true" }, h("i", { style: { width: `${(hits / there) * 100}%` } })), `${count(hits)} of ${count(there)}`] : "")));
        fill(place, rows.length ? h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "argument"), h("th", { scope: "col" }, "comes from"), h("th", { scope: "col", class: "number" }, "right"))), h("tbody", {}, rows))
            : h("p", { class: "dim" }, "Only which tool follows which is known."),
            agent.patterns.length > limit && h("div", { class: "more" }, h("button", { type: "button", onclick: () => paint(limit + 500) }, "Show more")));
    };
    if (isOpen) paint(100);
    details.addEventListener("toggle", () => details.open && !place.firstChild && paint(100));
    return details;
}

/** `read_file path: derivation, 3 of 4 times` in its parts. */
function parts(text) {
    const match = /^(\S+ \S+): ([\s\S]*), (\d+) of (\d+) times$/.exec(text);
    return match ? [match[1], match[2], Number(match[3]), Number(match[4])] : [text, "", 0, 0];
}
