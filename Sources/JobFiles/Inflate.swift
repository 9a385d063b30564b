/// Unpacks the beginning of what DEFLATE (RFC 1951) has packed.
///
/// For the few bytes in which a package says what it is; it reads each bit by itself.
struct Inflate {
    private struct Broken: Error {}

    /// The codes of one alphabet, in the canonical order of RFC 1951, section 3.2.2.
    private struct Codes {
        /// How many codes there are of each length.
        private var counts = [Int](repeating: 0, count: 16)
        private var symbols: [Int] = []

        init(lengths: [Int]) {
            for length in lengths { counts[length] += 1 }
            counts[0] = 0
            for length in 1...15 { symbols += lengths.indices.filter { lengths[$0] == length } }
        }

        func next(_ bit: () throws(Broken) -> Int) throws(Broken) -> Int {
            var (code, first, index) = (0, 0, 0)
            for length in 1...15 {
                code |= try bit()
                let count = counts[length]
                if code - count < first {
                    guard index + code - first < symbols.count else { throw Broken() }
                    return symbols[index + code - first]
                }
                index += count
                first = (first + count) << 1
                code <<= 1
            }
            throw Broken()
        }
    }

    /// At most `limit` bytes; nil when nothing of it can be unpacked.
    static func bytes(of packed: [UInt8], limit: Int) -> [UInt8]? {
        var inflate = Inflate(packed, limit: limit)
        // What ends too early has a beginning all the same.
        try? inflate.run()
        return inflate.output.isEmpty ? nil : inflate.output
    }

    private let packed: [UInt8]
    private let limit: Int
    private var position = 0
    private var output: [UInt8] = []

    private init(_ packed: [UInt8], limit: Int) {
        self.packed = packed
        self.limit = limit
    }

    private mutating func run() throws(Broken) {
        var isLast = false
        while !isLast, output.count < limit {
            isLast = try bits(1) == 1
            switch try bits(2) {
            case 0: try copyStored()
            case 1: try unpack(Self.fixedLiterals, Self.fixedDistances)
            case 2:
                let (literals, distances) = try dynamicCodes()
                try unpack(literals, distances)
            default: throw Broken()
            }
        }
    }

    private mutating func bits(_ count: Int) throws(Broken) -> Int {
        var value = 0
        for place in 0..<count {
            guard position / 8 < packed.count else { throw Broken() }
            value |= Int(packed[position / 8] >> UInt8(position % 8) & 1) << place
            position += 1
        }
        return value
    }

    private mutating func symbol(_ codes: Codes) throws(Broken) -> Int {
        try codes.next { () throws(Broken) in try bits(1) }
    }

    private mutating func copyStored() throws(Broken) {
        position = (position + 7) / 8 * 8
        let length = try bits(16)
        _ = try bits(16)
        for _ in 0..<min(length, limit - output.count) { output.append(UInt8(try bits(8))) }
    }

    private mutating func unpack(_ literals: Codes, _ distances: Codes) throws(Broken) {
        while output.count < limit {
            let symbol = try symbol(literals)
            switch symbol {
            case 0..<256: output.append(UInt8(symbol))
            case 256: return
            case 257...285:
                let length = Self.lengths[symbol - 257] + (try bits(Self.lengthBits[symbol - 257]))
                let place = try self.symbol(distances)
                guard place < 30 else { throw Broken() }
                let distance = Self.distances[place] + (try bits(Self.distanceBits[place]))
                guard distance <= output.count else { throw Broken() }
                for _ in 0..<min(length, limit - output.count) { output.append(output[output.count - distance]) }
            default: throw Broken()
            }
        }
    }

    private mutating func dynamicCodes() throws(Broken) -> (Codes, Codes) {
        let literalCount = try bits(5) + 257
        let distanceCount = try bits(5) + 1
        var ownLengths = [Int](repeating: 0, count: 19)
        for index in 0..<(try bits(4) + 4) { ownLengths[Self.order[index]] = try bits(3) }
        let own = Codes(lengths: ownLengths)
        var lengths: [Int] = []
        while lengths.count < literalCount + distanceCount {
            switch try symbol(own) {
            case 16:
                guard let last = lengths.last else { throw Broken() }
                lengths += Array(repeating: last, count: try bits(2) + 3)
            case 17: lengths += Array(repeating: 0, count: try bits(3) + 3)
            case 18: lengths += Array(repeating: 0, count: try bits(7) + 11)
            case let length: lengths.append(length)
            }
        }
        guard lengths.count == literalCount + distanceCount else { throw Broken() }
        return (
            Codes(lengths: Array(lengths[..<literalCount])), Codes(lengths: Array(lengths[literalCount...]))
        )
    }

    // RFC 1951, sections 3.2.5 to 3.2.7.
    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    private static let lengths = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthBits = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distances = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145, 8193, 12_289, 16_385, 24_577,
    ]
    private static let distanceBits = [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]
    private static let fixedLiterals = Codes(
        lengths: Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112) + Array(repeating: 7, count: 24)
            + Array(repeating: 8, count: 8))
    private static let fixedDistances = Codes(lengths: Array(repeating: 5, count: 30))
}
