/// The two models of the literature that Forerun is not: drawn step by step, so that their formulas can be held against them.
///
/// Answers take an exponential time of mean 1, guesses one of mean `guess`; a guess is right with `accuracy`. Calls take no
/// time, and what follows a right guess starts no speculation of its own.
package struct TheoryModel: Sendable {
    package enum Commit: Sendable, CaseIterable {
        /// A step counts as over when a right guess is there, before the actor has spoken (Ye et al., *Speculative Actions*,
        /// arXiv 2510.04371, Proposition 1).
        case unconfirmed
        /// A step is over when the actor has confirmed it.
        case confirmed
    }

    package let commit: Commit
    package let accuracy: Double
    /// Seconds of a guess, on average.
    package let guess: Double
    package let turns: Int

    package init(_ commit: Commit, accuracy: Double, guess: Double, turns: Int) {
        self.commit = commit
        self.accuracy = accuracy
        self.guess = guess
        self.turns = turns
    }

    /// The share of the time in turn that is saved, by the formula of the model: exact for finite runs where the commit is
    /// unconfirmed (Proposition 1), and half of that where it is confirmed.
    package var expected: Double {
        let (p, t) = (accuracy, Double(turns))
        let r = p / (1 + p)
        // What is left after the last step, alternating in sign.
        var rest = 1.0
        for _ in 0..<(turns - 1) { rest *= -p }
        let share = 1 / (1 + guess)
        let saved = share / t * ((t - 1) * r + r * r - r * r * rest)
        return commit == .unconfirmed ? saved : saved / 2
    }

    /// The same share, drawn over many runs.
    package func simulated(runs: Int, seed: UInt64) -> Double {
        let draw = Draw(seed: seed)
        let (answers, guesses) = (ReplayLaw.exponential(1), ReplayLaw.exponential(guess))
        var (inTurn, taken) = (0.0, 0.0)
        for run in 0..<runs {
            var turn = 0
            while turn < turns {
                let place = run * turns + turn
                let answer = answers.seconds(draw.uniform("answer", .init(place)))
                inTurn += answer
                let isHit = draw.uniform("hit", .init(place)) < accuracy && turn + 1 < turns
                guard isHit else {
                    taken += answer
                    turn += 1
                    continue
                }
                let ahead = guesses.seconds(draw.uniform("guess", .init(place)))
                let next = answers.seconds(draw.uniform("answer", .init(place + 1)))
                inTurn += next
                taken += commit == .unconfirmed ? min(answer, ahead) + next : max(answer, min(answer, ahead) + next)
                turn += 2
            }
        }
        return 1 - taken / inTurn
    }
}
