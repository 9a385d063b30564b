/// What clocks show in a place, from a file of the system's time zone database (RFC 9636).
package struct TimeZoneRules: Hashable, Sendable {
    private struct Transition: Hashable, Sendable {
        /// Seconds since 1970.
        let at: Int64
        /// Ahead of UTC, in seconds, from then on.
        let offset: Int64
    }

    private let transitions: [Transition]
    /// Before the first transition.
    private let first: Int64
    /// After the last one.
    private let rule: YearlyRule?

    /// The zone without any change of the clock.
    package static let utc = TimeZoneRules(first: 0)

    private init(first: Int64) {
        self.first = first
        transitions = []
        rule = nil
    }

    /// Nil when the bytes are not such a file of version 2 or later.
    package init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let old = TZifHeader(&reader), old.version >= UInt8(ascii: "2"), reader.skip(old.bodySize(timeSize: 4)),
            let header = TZifHeader(&reader), header.typeCount > 0
        else { return nil }
        guard let times = reader.numbers(header.timeCount, size: 8), let types = reader.bytes(header.timeCount) else {
            return nil
        }
        var offsets: [Int64] = []
        for _ in 0..<header.typeCount {
            guard let offset = reader.number(size: 4), reader.skip(2), abs(offset) <= 26 * 3600 else { return nil }
            offsets.append(offset)
        }
        let rest = header.nameBytes + header.leapCount * 12 + header.standardCount + header.localCount
        guard reader.skip(rest), types.allSatisfy({ Int($0) < offsets.count }), times == times.sorted() else {
            return nil
        }
        transitions = zip(times, types).map { Transition(at: $0, offset: offsets[Int($1)]) }
        first = offsets[0]
        let footer = reader.rest.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        guard footer.count >= 2 else { return nil }
        let text = String(decoding: footer[1], as: UTF8.self)
        rule = text.isEmpty ? nil : YearlyRule(text)
        if !text.isEmpty, rule == nil { return nil }
    }

    /// How far clocks are ahead of UTC at a moment, in seconds.
    package func offset(at moment: Int64) -> Int64 {
        guard let last = transitions.last else { return rule?.offset(at: moment) ?? first }
        if moment >= last.at { return rule?.offset(at: moment) ?? last.offset }
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].at <= moment { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : transitions[low - 1].offset
    }

    /// The first moment at which clocks show a local time (seconds since 1970, as if it were UTC); for one that does not
    /// exist, the moment at which they are put ahead.
    package func moment(ofLocal local: Int64) -> Int64 {
        let (before, after) = (offset(at: local - 86_400), offset(at: local + 86_400))
        for offset in [max(before, after), min(before, after)] where self.offset(at: local - offset) == offset {
            return local - offset
        }
        // Between the two the clocks are changed; find when.
        var (low, high) = (local - 86_400, local + 86_400)
        while high - low > 1 {
            let middle = (low + high) / 2
            if offset(at: middle) == before { low = middle } else { high = middle }
        }
        return high
    }
}

/// The counts at the beginning of a block.
private struct TZifHeader {
    let version: UInt8
    let localCount, standardCount, leapCount, timeCount, typeCount, nameBytes: Int

    init?(_ reader: inout ByteReader) {
        guard reader.bytes(4) == Array("TZif".utf8), let version = reader.bytes(1)?.first, reader.skip(15),
            let counts = reader.numbers(6, size: 4), counts.allSatisfy({ (0...100_000).contains($0) })
        else { return nil }
        self.version = version
        localCount = Int(counts[0])
        standardCount = Int(counts[1])
        leapCount = Int(counts[2])
        timeCount = Int(counts[3])
        typeCount = Int(counts[4])
        nameBytes = Int(counts[5])
    }

    func bodySize(timeSize: Int) -> Int {
        timeCount * (timeSize + 1) + typeCount * 6 + nameBytes + leapCount * (timeSize + 4) + standardCount + localCount
    }
}

/// Takes big-endian numbers from bytes.
private struct ByteReader {
    private let all: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { all = bytes }

    var rest: ArraySlice<UInt8> { all[place...] }

    mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard count >= 0, count <= all.count - place else { return nil }
        defer { place += count }
        return Array(all[place..<place + count])
    }

    mutating func number(size: Int) -> Int64? {
        bytes(size).map { bytes in
            let value = bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) }
            return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : value
        }
    }

    mutating func numbers(_ count: Int, size: Int) -> [Int64]? {
        guard count >= 0, count <= (all.count - place) / size else { return nil }
        return (0..<count).compactMap { _ in number(size: size) }
    }
}
