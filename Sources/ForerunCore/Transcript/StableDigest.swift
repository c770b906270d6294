/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces: the same in every process and on every machine, unlike `Hasher`.
package struct StableDigest: Sendable {
    private var state = StableDigest.initialState
    /// Fewer than 64 bytes that wait for the rest of their block.
    private var pending: [UInt8] = []
    private var count: UInt64 = 0

    package init() {}

    /// Adds bytes. How they are cut into pieces does not matter.
    package mutating func update(_ bytes: some Sequence<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { add($0) }
        if isDone == nil { Array(bytes).withUnsafeBufferPointer { add($0) } }
    }

    /// The 32 bytes of the digest of everything added so far; more may be added afterwards.
    package var bytes: [UInt8] {
        var last = self
        let bitCount = count &* 8
        last.pending.append(0x80)
        let padding = (120 - last.pending.count) % 64
        last.pending.append(contentsOf: repeatElement(0, count: padding))
        for shift in stride(from: 56, through: 0, by: -8) {
            last.pending.append(UInt8(truncatingIfNeeded: bitCount >> UInt64(shift)))
        }
        let blocks = last.pending
        blocks.withUnsafeBufferPointer { blocks in
            for start in stride(from: 0, to: blocks.count, by: 64) { last.compress(blocks, at: start) }
        }
        return (0..<32).map { UInt8(truncatingIfNeeded: last.state[$0 / 4] >> UInt32(24 - $0 % 4 * 8)) }
    }

    /// The digest as 64 lower-case hexadecimal digits.
    package var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The digest of `bytes`, as 64 lower-case hexadecimal digits.
    package static func hex(of bytes: some Sequence<UInt8>) -> String {
        var digest = StableDigest()
        digest.update(bytes)
        return digest.hex
    }

    private mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
        count &+= UInt64(bytes.count)
        var start = 0
        if !pending.isEmpty {
            start = min(64 - pending.count, bytes.count)
            pending.append(contentsOf: bytes[..<start])
            guard pending.count == 64 else { return }
            let block = pending
            block.withUnsafeBufferPointer { compress($0, at: 0) }
            pending.removeAll(keepingCapacity: true)
        }
        while bytes.count - start >= 64 {
            compress(bytes, at: start)
            start += 64
        }
        pending.append(contentsOf: bytes[start...])
    }

    /// Section 6.2.2, for the 64 bytes at `start`.
    private mutating func compress(_ block: UnsafeBufferPointer<UInt8>, at start: Int) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
            for index in 0..<16 {
                let at = start + index * 4
                words[index] =
                    UInt32(block[at]) << 24 | UInt32(block[at + 1]) << 16 | UInt32(block[at + 2]) << 8
                    | UInt32(block[at + 3])
            }
            for index in 16..<64 {
                let a = words[index - 15]
                let b = words[index - 2]
                let low = a.rotated(7) ^ a.rotated(18) ^ (a >> 3)
                let high = b.rotated(17) ^ b.rotated(19) ^ (b >> 10)
                words[index] = words[index - 16] &+ low &+ words[index - 7] &+ high
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            StableDigest.roundConstants.withUnsafeBufferPointer { constants in
                for index in 0..<64 {
                    let choice = (e & f) ^ (~e & g)
                    let first =
                        h &+ (e.rotated(6) ^ e.rotated(11) ^ e.rotated(25)) &+ choice &+ constants[index]
                        &+ words[index]
                    let majority = (a & b) ^ (a & c) ^ (b & c)
                    let second = (a.rotated(2) ^ a.rotated(13) ^ a.rotated(22)) &+ majority
                    (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
                }
            }
            state = state &+ SIMD8(a, b, c, d, e, f, g, h)
        }
    }

    private static let initialState = SIMD8<UInt32>(
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)

    private static let roundConstants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}

extension UInt32 {
    fileprivate func rotated(_ places: UInt32) -> UInt32 { self &>> places | self &<< (32 &- places) }
}
