// What is known of one piece of work: who thought of it, what became of it, and what its branch changed.

import { ask, fill, h } from "./dom.js";
import { callLine, count, fateWords, seconds } from "./format.js";
import { argumentsOf, diffView, guessRows } from "./transcript.js";

export class Inspector {
    constructor(model, name, onTurn) {
        this.model = model;
        this.name = name;
        this.onTurn = onTurn;
        this.node = h("section", { class: "inspector", "aria-label": "Details", hidden: true, tabindex: "0" });
    }

    show(item) {
        this.node.hidden = !item;
        if (!item) return;
        const { span, branch } = item;
        const pairs = [
            ["began", seconds(span.start)], ["took", span.end === null ? "…" : seconds(span.end - span.start)],
            span.promoted !== null && ["promoted", seconds(span.promoted)], ["work", span.work],
            span.world !== undefined && ["world", span.world],
        ];
        if (branch) {
            pairs.push(["branch", `${branch.world}, forked from ${branch.from}`],
                [branch.fate === "open" ? "lives" : branch.fate, branch.end === null ? `since ${seconds(branch.start)}` : seconds(branch.end)]);
        }
        const kind = span.fate === "used" ? "good" : span.end === null ? "live" : "";
        const parts = [
            h("h2", {}, span.call ? callLine(span.call).slice(0, 200) : `Answer of turn ${span.turn + 1}`,
                h("span", { class: `chip ${kind}` }, fateWords(span)), span.error && h("span", { class: "chip bad" }, "error")),
            h("dl", { class: "pairs" }, pairs.filter(Boolean).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
        ];
        if (span.turn !== undefined) {
            const turn = this.model.turns[span.turn];
            if (turn) {
                parts.push(h("p", {}, h("button", { type: "button", class: "quiet", onclick: () => this.onTurn(span.turn) }, "Read the turn")));
                if (turn.usage) {
                    parts.push(h("dl", { class: "pairs" }, Object.entries(turn.usage).filter(([, value]) => value > 0)
                        .map(([name, value]) => h("div", {}, h("dt", {}, `${name} tokens`), h("dd", {}, count(value))))));
                }
            }
            const guesses = this.model.guessesAbout(span.turn);
            if (guesses.length && span.ahead === false) parts.push(h("h3", {}, "Guesses about it"), guessRows(guesses));
        } else {
            const guesses = span.ahead ? this.model.guessesFor(span) : [];
            if (guesses.length) parts.push(h("h3", {}, "Guessed by"), guessRows(guesses));
            if (!branch) parts.push(h("h3", {}, "Arguments"), argumentsOf(span.call));
        }
        if (branch) {
            const place = h("div", {}, h("p", { class: "dim" }, "…"));
            parts.push(h("h3", {}, branch.fate === "committed" ? "Changes of this branch, committed" : "Changes of this branch"), place);
            this.change(branch, place);
        }
        fill(this.node, parts);
        this.node.scrollTop = 0;
    }

    async change(branch, place) {
        try {
            const change = await ask(`/api/runs/${this.name}/branches/${branch.world}`);
            const parts = change.steps.map((step) => {
                const mark = step.error ? h("span", { class: "chip bad" }, "error") : null;
                if (step.lines) return [diffView([{ path: `${step.path}${step.whole ? " (all of the file)" : ""}`, lines: step.lines }]), mark];
                return [argumentsOf(step.call), mark];
            });
            if (change.steps.some((step) => !step.lines)) {
                parts.push(h("p", { class: "dim" }, "What a command changed, the log does not say."));
            }
            fill(place, parts.length ? parts : h("p", { class: "dim" }, "Nothing."));
        } catch (error) {
            fill(place, h("p", { class: "problem", role: "alert" }, error.message));
        }
    }
}
