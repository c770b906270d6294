"""A straightforward predictor in Python: the tool by the last three events with back-off, each argument by the rule that
was right most of the time. The same look-ups as in SimplePredictor, to compare what a prediction costs.

predictors.py FILE: one run a line, `{"learn": bool, "steps": [["message", text], ["turn", [[name, arguments]]],
["output", name, value]]}`. Prints one JSON object.
"""
import json
import re
import statistics
import sys
import time
from collections import Counter, defaultdict


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def leaves(value, path=()):
    if isinstance(value, dict):
        for key in value:
            yield from leaves(value[key], path + (key,))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from leaves(element, path + (index,))
    else:
        yield path, value


def shape(word):
    return re.sub(r"\d", "9", re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]", "A", word)))


class Run:
    def __init__(self):
        self.events, self.messages, self.outputs, self.arguments, self.calls = [], [], {}, {}, set()

    def contexts(self):
        return [tuple(self.events[len(self.events) - order:]) for order in range(min(3, len(self.events)) + 1)]

    def values(self):
        found = {}
        for values in self.outputs.values():
            found.update(values)
        found.update(self.arguments)
        for words in self.messages[-4:]:
            found.update(words)
        return found

    def message(self, text):
        self.events.append("")
        words = [word.strip(".,!?;:()\"'*") for word in text.split()]
        self.messages.append({("user", shape(word)): word for word in words if word})

    def call(self, name, arguments):
        self.events.append(name)
        self.calls.add((name, canonical(arguments)))
        for key, value in arguments.items():
            self.arguments["argument", name, key] = value

    def output(self, name, value):
        found = {}
        for index, (path, leaf) in enumerate(leaves(value)):
            if index > 400:
                break
            found["output", name, path] = leaf
        self.outputs[name] = found


class Model:
    def __init__(self):
        self.decisions, self.tools, self.names = defaultdict(Counter), defaultdict(Counter), defaultdict(Counter)
        self.there, self.hits, self.constants = defaultdict(Counter), defaultdict(Counter), defaultdict(Counter)

    def __len__(self):
        return len(self.decisions) + len(self.tools) + sum(len(rules) for rules in self.there.values()) + sum(
            len(values) for values in self.constants.values())

    def learn_decision(self, run, name):
        for context in run.contexts():
            self.decisions[context][name] += 1

    def learn(self, run, name, arguments):
        for context in run.contexts():
            self.tools[context][name] += 1
        self.names[name][tuple(sorted(arguments))] += 1
        values = run.values()
        for key, value in arguments.items():
            for rule, found in values.items():
                self.there[name, key][rule] += 1
                if found == value and type(found) is type(value):
                    self.hits[name, key][rule] += 1
            self.constants[name, key][canonical(value)] += 1

    def candidates(self, argument, values):
        best, hits, there = {}, self.hits[argument], self.there[argument]
        for rule, value in values.items():
            if hits.get(rule, 0) >= 2:
                text = canonical(value)
                best[text] = max(best.get(text, 0), hits[rule] / (there[rule] + 1))
        total = sum(self.constants[argument].values())
        for text, count in self.constants[argument].most_common(5):
            best[text] = max(best.get(text, 0), count / (total + 1))
        return sorted(best.items(), key=lambda item: -item[1])[:4]

    def predict(self, run):
        ranked, shares, rest = [], {}, 1.0
        for context in reversed(run.contexts()):
            counts = self.decisions.get(context)
            if counts:
                ranked += [name for name, _ in counts.most_common() if name not in ranked]
            counts = self.tools.get(context)
            if counts:
                total = sum(counts.values())
                for name, count in counts.items():
                    shares[name] = shares.get(name, 0) + rest * count / (total + 1)
                rest /= total + 1
        values, guesses = run.values(), []
        for name, share in sorted(shares.items(), key=lambda item: -item[1])[:4]:
            found = [(share, {})]
            for key in self.names[name].most_common(1)[0][0]:
                best = self.candidates((name, key), values)
                found = sorted([(p * q, {**members, key: json.loads(text)}) for p, members in found
                                for text, q in best], key=lambda item: -item[0])[:10]
            guesses += [(p, name, members) for p, members in found]
        guesses = [guess for guess in guesses if (guess[1], canonical(guess[2])) not in run.calls]
        return ranked, sorted(guesses, key=lambda guess: -guess[0])[:3]


def main(path):
    model, times, hits, learnt, learning = Model(), [], 0, 0, 0.0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            recorded, run = json.loads(line), Run()
            start = time.thread_time()
            for step in recorded["steps"]:
                if step[0] == "message":
                    run.message(step[1])
                elif step[0] == "output":
                    run.output(step[1], step[2])
                elif recorded["learn"]:
                    model.learn_decision(run, step[1][0][0] if step[1] else None)
                    for name, arguments in step[1]:
                        model.learn(run, name, arguments)
                        run.call(name, arguments)
                        learnt += 1
                else:
                    begin = time.thread_time()
                    _, guesses = model.predict(run)
                    times.append(time.thread_time() - begin)
                    if step[1]:
                        first = (step[1][0][0], canonical(step[1][0][1]))
                        hits += any((name, canonical(members)) == first for _, name, members in guesses[:1])
                    for name, arguments in step[1]:
                        run.call(name, arguments)
            if recorded["learn"]:
                learning += time.thread_time() - start
    print(json.dumps({
        "microseconds": statistics.median(times) * 1e6, "predictions": len(times), "hits": hits,
        "patterns": len(model), "callsPerSecond": learnt / learning}))


main(sys.argv[1])
