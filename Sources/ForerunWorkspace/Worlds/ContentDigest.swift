/// A short digest of bytes (FNV-1a, 64 bits): it notices accidents, not forgeries.
package struct ContentDigest: Sendable, Hashable {
    package let value: UInt64

    package init(of bytes: some Sequence<UInt8>) {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        self.value = value
    }
}
