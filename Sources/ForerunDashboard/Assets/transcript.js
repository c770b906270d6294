// What was said and done, turn by turn, with what had been guessed.

import { ask, fill, h } from "./dom.js";
import { callKey, callLine, compact, plural, seconds, subject } from "./format.js";

export class Transcript {
    /** @param onShow called with a turn that should be shown on the timeline. */
    constructor(model, name, onShow) {
        this.model = model;
        this.name = name;
        this.onShow = onShow;
        this.opening = h("div");
        this.turns = h("div");
        this.rest = h("div");
        this.articles = [];
        this.node = h("section", { class: "transcript", "aria-label": "Transcript", tabindex: "0" }, this.opening, this.turns, this.rest);
        this.node.addEventListener("scroll", () => (this.isAtEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 60));
    }

    update(news) {
        const { model } = this;
        if (news.has("facts")) {
            const opening = model.facts.opening ?? [];
            fill(this.opening, opening.map((text, index) => said(text, index === opening.length - 1 ? "Task" : "Beginning")));
        }
        if (news.has("turns") || news.has("guesses")) {
            const changed = model.changedTurns ?? new Set();
            while (this.articles.length > model.turns.length) this.articles.pop().remove();
            model.turns.forEach((turn, number) => {
                const old = this.articles[number];
                if (old && !changed.has(number)) return;
                const article = this.article(turn, number);
                if (old) old.replaceWith(article);
                else this.turns.append(article);
                this.articles[number] = article;
            });
            model.changedTurns = new Set();
        }
        const waiting = model.isLive ? h("p", { class: "dim" }, model.turns.length ? `The actor is at work on turn ${model.turns.length + 1}.` : "The actor is at work on the first turn.") : null;
        fill(this.rest, model.messages.map((text) => said(text, "Message")), waiting);
        // Who reads the end follows it.
        if (model.isLive && this.isAtEnd && news.has("turns")) this.node.scrollTop = this.node.scrollHeight;
    }

    article(turn, number) {
        const guesses = this.model.guessesAbout(number);
        const isOpen = this.articles[number]?.querySelectorAll("details[open]").length > 0;
        const name = h("button", { type: "button", title: "Show it on the timeline", onclick: () => this.onShow(turn) }, `Turn ${number + 1}`);
        const usage = turn.usage ? `${compact(turn.usage.input)} in, ${compact(turn.usage.output)} out` : null;
        const article = h("article", { class: "turn", id: `turn-${number}`, "aria-label": `Turn ${number + 1}` },
            h("header", {}, name, turn.role !== "actor" && h("span", { class: "chip" }, turn.role),
                turn.ahead && h("span", { class: "chip good", title: "This answer had been asked ahead" }, "asked ahead"),
                h("span", { class: "grow" }), h("small", {}, [usage, seconds(turn.seconds)].filter(Boolean).join(" · "))),
            turn.messages.map((text) => said(text, "Message")),
            turn.failures.map((text) => h("p", { class: "hint" }, text)),
            turn.text && h("div", { class: "words" }, turn.text),
            turn.calls.map((taken, index) => this.call(taken, number, index)),
            guesses.length > 0 && guessList(guesses, isOpen));
        return article;
    }

    call(taken, turn, index) {
        const { call } = taken;
        const isDone = taken.output !== undefined;
        const body = h("div", { class: "body" });
        const details = h("details", { class: "call" },
            h("summary", {},
                h("span", { class: taken.error ? "mark bad" : "mark", role: "img", "aria-label": !isDone ? "under way" : taken.error ? "error" : "done" }, !isDone ? "…" : taken.error ? "✗" : "✓"),
                h("b", {}, call.name), h("code", {}, subject(call).slice(0, 240)),
                taken.ahead && h("span", { class: "chip good", title: "This call had been made ahead" }, "ahead"),
                isDone && h("small", {}, seconds(taken.seconds))),
            body);
        details.addEventListener("toggle", () => {
            if (!details.open || body.firstChild) return;
            const output = h("pre", {}, taken.output ?? "");
            const more = taken.cut && h("div", { class: "row" }, h("button", {
                type: "button", onclick: async (event) => {
                    event.target.disabled = true;
                    try {
                        const whole = await ask(`/api/runs/${this.name}/outputs/${turn}/${index}`);
                        fill(output, whole.output);
                        event.target.parentNode.remove();
                    } catch (error) {
                        fill(event.target.parentNode, h("span", { class: "problem" }, error.message));
                    }
                },
            }, "Show all of the output"));
            fill(body, argumentsOf(call), isDone && [output, more]);
        });
        return details;
    }

    /** Brings a turn into view. */
    reveal(number, isScrolled = true) {
        for (const article of this.turns.querySelectorAll(".selected")) article.classList.remove("selected");
        const article = this.articles[number];
        if (!article) return;
        article.classList.add("selected");
        if (isScrolled && this.node.scrollHeight > this.node.clientHeight) {
            this.node.scrollTop = article.offsetTop - this.node.offsetTop - 12;
        }
    }
}

function said(text, title) {
    const isLong = text.length > 700;
    return h("div", { class: "said" }, h("h3", {}, title),
        isLong ? h("details", { class: "more-words" }, h("summary", {}, `${text.slice(0, 160)}…`), h("pre", {}, text)) : h("pre", {}, text));
}

/** The arguments of a call: an edit as a difference, text as it is, everything else as JSON. */
export function argumentsOf(call) {
    if (call.malformed !== undefined) return h("pre", { class: "arguments" }, call.malformed);
    const all = { ...(call.arguments ?? {}) };
    if (typeof all.old_text === "string" && typeof all.new_text === "string") {
        return diffView([{ path: all.path ?? "", lines: [...cut(all.old_text).map((text) => ["-", text]), ...cut(all.new_text).map((text) => ["+", text])] }]);
    }
    if (typeof all.content === "string" && typeof all.path === "string") {
        return diffView([{ path: all.path, lines: cut(all.content).map((text) => ["+", text]) }]);
    }
    if (typeof all.command === "string" && Object.keys(all).length === 1) return h("pre", { class: "arguments" }, `$ ${all.command}`);
    return h("pre", { class: "arguments" }, JSON.stringify(all, null, 2));
}

const cut = (text) => text.replace(/\n$/, "").split("\n");

/** @param files each with a `path` and `lines`: a mark and a text. */
export function diffView(files) {
    return h("div", { class: "diff", tabindex: "0", role: "group", "aria-label": "Changes" }, files.map((file) => [
        h("div", { class: "file" }, file.path),
        file.lines.map(([mark, text]) => h("div", { class: mark === "+" ? "l add" : mark === "-" ? "l cut" : "l", "data-mark": mark }, text || " ")),
    ]));
}

/** Guesses with their probabilities and sources; those that say the same stand together. */
export function guessList(guesses, isOpen = false) {
    const list = grouped(guesses);
    const hit = list.find((group) => group.cameTrue);
    const summary = hit ? h("span", { class: "chip good" }, `guessed with ${Math.round(hit.probability * 100)} %`)
        : list[0].cameTrue === null ? null : h("span", { class: "chip" }, "not guessed");
    return h("details", { class: "guesses", open: isOpen },
        h("summary", {}, plural(list.length, "guess", "guesses"), summary), guessRows(guesses));
}

/** The same without a summary. */
export function guessRows(guesses) {
    return h("ul", { class: "guess-list" }, grouped(guesses).map((group) => guessRow(group)));
}

function grouped(guesses) {
    const groups = new Map();
    for (const guess of guesses) {
        const key = guess.calls.map(callKey).join("\n");
        const group = groups.get(key) ?? { calls: guess.calls, sources: new Set(), probability: 0, cameTrue: guess.cameTrue };
        group.sources.add(guess.source);
        group.probability = Math.max(group.probability, guess.probability);
        groups.set(key, group);
    }
    return [...groups.values()].sort((left, right) => right.probability - left.probability);
}

function guessRow(group) {
    const words = group.calls.length ? group.calls.map(callLine).join("; ") : "no call: the end";
    const part = `${(group.probability * 100).toFixed(group.probability < 0.0995 ? 1 : 0)} %`;
    const sources = [...group.sources].join(", ");
    return h("li", { class: group.cameTrue ? "guess true" : "guess" },
        h("span", { class: "odds" }, h("i", { "aria-hidden": "true", style: { "--p": `${group.probability * 100}%` } }), part),
        h("code", { title: words.slice(0, 600) }, group.cameTrue ? "✓ " : "", words.slice(0, 300)),
        h("span", { class: "source", title: sources }, sources, group.cameTrue ? h("span", { class: "unseen" }, ", came true") : null));
}
