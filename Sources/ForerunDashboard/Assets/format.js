// Numbers and moments as people read them.

/** `0.04 s`, `12.3 s`, `4:05 min`, `2:10 h`. */
export function seconds(value) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    const sign = value < 0 ? "−" : "";
    if (size < 0.0995) return `${sign}${size < 0.00995 ? (size * 1000).toFixed(1) : Math.round(size * 1000)} ms`;
    if (size < 9.995) return `${sign}${size.toFixed(2)} s`;
    if (size < 99.95) return `${sign}${size.toFixed(1)} s`;
    const whole = Math.round(size);
    const pad = (number) => String(number).padStart(2, "0");
    if (whole < 3600) return `${sign}${Math.floor(whole / 60)}:${pad(whole % 60)} min`;
    const minutes = Math.round(size / 60);
    return `${sign}${Math.floor(minutes / 60).toLocaleString("en")}:${pad(minutes % 60)} h`;
}

export const count = (value) => (value ?? 0).toLocaleString("en");

/** `950`, `12.3k`, `4.1M`. */
export function compact(value) {
    const size = value ?? 0;
    if (size < 10_000) return count(size);
    if (size < 1_000_000) return `${(size / 1000).toFixed(size < 100_000 ? 1 : 0)}k`;
    return `${(size / 1_000_000).toFixed(size < 100_000_000 ? 1 : 0)}M`;
}

export const percent = (part, whole) => (whole > 0 ? `${Math.round((part / whole) * 100)} %` : "–");

export const plural = (number, noun, many = `${noun}s`) => `${count(number)} ${number === 1 ? noun : many}`;

/** `{"USD": 0.12}` as `0.1200 USD`. */
export function money(sums) {
    const parts = Object.entries(sums ?? {}).map(([currency, value]) => `${value.toFixed(value < 10 ? 4 : 2)} ${currency}`);
    return parts.length ? parts.join(" + ") : "–";
}

/** `3 min ago`, `14:05`, `21 Nov`. */
export function moment(text, now = Date.now()) {
    const time = new Date(text);
    const age = (now - time) / 1000;
    if (age >= 0 && age < 60) return "just now";
    if (age >= 0 && age < 3600) return `${Math.floor(age / 60)} min ago`;
    const clock = time.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    if (age >= 0 && age < 86_400 && time.getDate() === new Date(now).getDate()) return clock;
    const isThisYear = time.getFullYear() === new Date(now).getFullYear();
    const day = time.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) });
    return isThisYear ? `${day}, ${clock}` : day;
}

export const exactMoment = (text) =>
    new Date(text).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** A call on one line: what it is about. */
export function subject(call) {
    if (call.malformed !== undefined) return call.malformed;
    const all = call.arguments ?? {};
    if (typeof all.command === "string") return all.command;
    const words = ["pattern", "path", "move", "query", "url"].map((key) => all[key]).filter((word) => typeof word === "string");
    if (words.length) return words.join(" ");
    const text = JSON.stringify(all);
    return text === "{}" ? "" : text;
}

export const callLine = (call) => `${call.name} ${subject(call)}`.trim();

/** The same text for equal calls. */
export function callKey(call) {
    if (call.malformed !== undefined) return `${call.name} ${call.malformed}`;
    return call.name + canonical(call.arguments ?? {});
}

function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
    if (value && typeof value === "object") {
        return `{${Object.keys(value).sort().map((key) => JSON.stringify(key) + canonical(value[key])).join()}}`;
    }
    return JSON.stringify(value);
}

/** The state of a run as a chip says it. */
export function stateKind(end) {
    if (end === "running") return "live";
    if (end === "finished") return "good";
    if (end === "cut off" || end === "interrupted" || end?.startsWith("limit")) return "warn";
    return "bad";
}

/** What became of a piece of work, in words. */
export function fateWords(span) {
    if (span.end === null) return span.ahead && span.promoted === null ? "under way, ahead" : "under way";
    switch (span.fate) {
        case "used": return span.ahead ? "used, began ahead" : "used";
        case "unused": return span.ahead ? "finished, not used" : "finished";
        case "cancelled": return "cancelled";
        default: return "cut off";
    }
}
