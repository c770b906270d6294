import ForerunTesting
import Testing

@testable import ForerunCore

struct ByteWriterTests {
    @Test func nothingIsNothing() {
        var writer = ByteWriter()
        #expect(writer.isEmpty && writer.bytes == [])
        writer.removeFirst(0)
        writer.removeFirst(writer.count)
        #expect(writer.count == 0)
    }

    /// Whatever is done in whatever order, it has what an array would have.
    @Test func itHasWhatAnArrayHas() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var writer = ByteWriter()
            var array: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<60, using: &random) {
                switch Int.random(in: 0..<8, using: &random) {
                case 0..<3:
                    let byte = UInt8.random(in: 0 ... .max, using: &random)
                    writer.append(byte)
                    array.append(byte)
                case 3..<6:
                    let count = Int.random(in: 0..<1_000, using: &random)
                    let bytes = (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
                    bytes.withUnsafeBufferPointer { writer.append($0) }
                    array += bytes
                case 6:
                    let count = Int.random(in: 0...array.count, using: &random)
                    writer.removeFirst(count)
                    array.removeFirst(count)
                default:
                    guard Int.random(in: 0..<4, using: &random) == 0 else { break }
                    writer.removeFirst(writer.count)
                    array.removeAll()
                }
                #expect(writer.count == array.count)
            }
            #expect(writer.bytes == array, "seed \(seed)")
        }
    }

    /// Both sinks get the same text of a value.
    @Test func valuesAreWrittenAsToAnArray() throws {
        let value = try JSON(
            parsing: Array(#"{"b":[1,-2.5,true,false,null,"ä\n\"\\\u0001"],"a":{"":{}},"c":1e300}"#.utf8))
        for isSorted in [true, false] {
            var writer = ByteWriter()
            value.emit(to: &writer, sorted: isSorted)
            var array: [UInt8] = []
            value.write(to: &array, sorted: isSorted)
            #expect(writer.bytes == array)
            #expect(String(decoding: array, as: UTF8.self) == (isSorted ? value.canonicalText : value.text))
        }
    }
}
