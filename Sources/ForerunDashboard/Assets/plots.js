// Plots as SVG, each with a name for those who do not see it; the figures stand in tables as well.

import { s } from "./dom.js";
import { compact, count, percent, seconds } from "./format.js";

/** Time of each day as bars: what runs took, and on top of it what was saved. */
export function savingsPlot(known) {
    const days = filled(known);
    const [width, height, left, bottom, top] = [860, 388, 58, 24, 10];
    const whole = days.map((day) => day.seconds + Math.max(0, day.savedSeconds));
    const most = niceTop(Math.max(...whole, 1));
    const step = (width - left - 4) / days.length;
    const bar = Math.max(1.5, Math.min(34, step * 0.72));
    const y = (value) => height - bottom - (value / most) * (height - bottom - top);
    const every = Math.ceil(days.length / 9);
    const label = `Time of runs by day. ${known.length} days with runs, ${seconds(sum(days, "seconds"))} taken, ${seconds(sum(days, "savedSeconds"))} saved.`;
    return s("svg", { class: "plot days", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
        [0, 0.5, 1].map((share) => [
            s("line", { class: "axis", x1: left, x2: width, y1: y(most * share), y2: y(most * share) }),
            s("text", { x: left - 8, y: y(most * share) + 4, "text-anchor": "end" }, axisTime(most * share, most)),
        ]),
        days.map((day, index) => {
            const x = left + index * step + (step - bar) / 2;
            const saved = Math.max(0, day.savedSeconds);
            return s("g", {},
                s("title", {}, `${day.title}: ${count(day.runs)} runs, ${seconds(day.seconds)} taken, ${seconds(day.savedSeconds)} saved (${percent(day.savedSeconds, day.seconds + day.savedSeconds)})`),
                s("rect", { class: "hit", x: left + index * step, y: top, width: step, height: height - top - bottom, fill: "transparent" }),
                s("rect", { class: "took", x, y: y(day.seconds), width: bar, height: Math.max(0, height - bottom - y(day.seconds)), rx: 1.5 }),
                s("rect", { class: "won", x, y: y(day.seconds + saved), width: bar, height: Math.max(0, y(day.seconds) - y(day.seconds + saved) - 1), rx: 1.5 }),
                index % every === 0 && s("text", { x: x + bar / 2, y: height - 6, "text-anchor": "middle" }, shortDay(day.day)));
        }));
}

/** How often guesses came true, by the probability they were given. On the line they can be trusted. */
export function calibrationPlot(bins) {
    const [size, left, bottom, strip] = [270, 36, 34, 30];
    const width = size + left + 22;
    const height = size + bottom + strip + 14;
    const x = (value) => left + value * size;
    const y = (value) => 8 + (1 - value) * size;
    const known = bins.filter((bin) => bin.count > 0).map((bin) => ({ said: bin.expected / bin.count, came: bin.hits / bin.count, count: bin.count }));
    const most = Math.max(1, ...bins.map((bin) => bin.count));
    const label = `Calibration: ${known.map((bin) => `of ${count(bin.count)} guesses with ${Math.round(bin.said * 100)} %, ${Math.round(bin.came * 100)} % came true`).join("; ") || "no guesses"}.`;
    return s("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, style: { "max-width": "370px", margin: "0 auto" } },
        [0, 0.25, 0.5, 0.75, 1].map((share) => [
            s("line", { class: "axis", x1: left, x2: left + size, y1: y(share), y2: y(share) }),
            s("text", { x: left - 8, y: y(share) + 4, "text-anchor": "end" }, `${share * 100}`),
            s("text", { x: x(share), y: 8 + size + strip + 16, "text-anchor": "middle" }, `${share * 100} %`),
        ]),
        s("line", { class: "ideal", x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
        bins.map((bin, index) => s("rect", { class: "count", x: x(index / 10) + 2, width: size / 10 - 4, y: 8 + size + strip - (bin.count / most) * (strip - 6), height: (bin.count / most) * (strip - 6), rx: 1 })),
        s("polyline", { class: "curve", points: known.map((bin) => `${x(bin.said)},${y(bin.came)}`).join(" ") }),
        known.map((bin) => s("circle", { class: "dot", cx: x(bin.said), cy: y(bin.came), r: 3.5 + 4 * Math.sqrt(bin.count / most) },
            s("title", {}, `said ${Math.round(bin.said * 100)} %, came true ${Math.round(bin.came * 100)} % of ${compact(bin.count)}`))),
        s("text", { x: left + size / 2, y: height - 6, "text-anchor": "middle" }, "probability that was given"));
}

/** Days without runs are shown, too; where there are many days, weeks are. */
function filled(known) {
    const none = { runs: 0, seconds: 0, savedSeconds: 0 };
    const day = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / 86_400_000);
    const first = day(known[0].day);
    const last = day(known.at(-1).day);
    const step = last - first > 120 ? 7 : 1;
    const rows = [];
    for (let at = first; at <= last; at += step) {
        const text = new Date(at * 86_400_000).toISOString().slice(0, 10);
        rows.push({ ...none, day: text, title: step > 1 ? `week from ${text}` : text });
    }
    for (const row of known) {
        const place = rows[Math.floor((day(row.day) - first) / step)];
        for (const key of Object.keys(none)) place[key] += row[key];
    }
    return rows;
}

const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);

function niceTop(value) {
    const unit = value > 7200 ? 3600 : value > 120 ? 60 : 1;
    const size = value / unit;
    const power = 10 ** Math.floor(Math.log10(size));
    return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= size) ?? 10) * power * unit;
}

function axisTime(value, most) {
    if (value === 0) return "0";
    if (most > 7200) return `${+(value / 3600).toFixed(1)} h`;
    if (most > 120) return `${+(value / 60).toFixed(1)} min`;
    return `${+value.toFixed(1)} s`;
}

function shortDay(day) {
    return new Date(`${day}T12:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}
