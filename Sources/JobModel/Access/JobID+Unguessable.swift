extension JobID {
    /// Whether only who was told the id can know it: `job_<ms>_<7 or more base-36 digits>`, or a UUID.
    package var isUnguessable: Bool { isMade || isUUID }

    private var isMade: Bool {
        let parts = description.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual("job".utf8) else { return false }
        return (1...16).contains(parts[1].count) && parts[1].allSatisfy(\.isDigit)
            && parts[2].count >= 7 && parts[2].allSatisfy { $0.isDigit || $0.isLowercase }
    }

    private var isUUID: Bool {
        let parts = description.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { $0.allSatisfy(\.isHexadecimal) }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isLowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    fileprivate var isHexadecimal: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20) }
}
