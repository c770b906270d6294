import ForerunChess
import Testing

struct SearchResultTests {
    @Test func theDeepestLineOfARankCounts() {
        let result = SearchResult(parsing: [
            "info string NNUE evaluation using x enabled",
            "info depth 1 multipv 1 score cp 10 nodes 20 pv e2e4",
            "info depth 1 multipv 2 score cp 5 nodes 20 pv d2d4",
            "info depth 2 currmove e2e4 currmovenumber 1",
            "info depth 2 multipv 1 score cp 31 lowerbound nodes 90 pv d2d4 d7d5",
            "info depth 2 multipv 2 score mate -3 nodes 95 pv e2e4 e7e5",
            "bestmove d2d4 ponder d7d5",
        ])
        #expect(result.best == "d2d4")
        #expect(result.nodes == 95)
        #expect(
            result.lines == [
                SearchLine(move: "d2d4", score: .centipawns(31), continuation: ["d2d4", "d7d5"]),
                SearchLine(move: "e2e4", score: .mate(-3), continuation: ["e2e4", "e7e5"]),
            ])
    }

    @Test func noMoveIsNil() {
        #expect(SearchResult(parsing: ["info depth 0 score mate 0", "bestmove (none)"]).best == nil)
        #expect(SearchResult(parsing: []).best == nil)
    }
}
