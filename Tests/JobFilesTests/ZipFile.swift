/// A ZIP archive with these entries in this order: name, method, bytes as they are packed.
struct ZipFile {
    let entries: [(name: String, method: UInt8, packed: [UInt8])]

    init(_ entries: [(String, UInt8, [UInt8])]) {
        self.entries = entries
    }

    var bytes: [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for (name, method, packed) in entries {
            var common: [UInt8] = [20, 0, 0, 0, method, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            common += Self.number(packed.count)
            common += Self.number(packed.count)
            common += [UInt8(name.utf8.count), 0, 0, 0]
            directory += [0x50, 0x4B, 1, 2, 20, 0]
            directory += common
            directory += [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            directory += Self.number(file.count)
            directory += Array(name.utf8)
            file += [0x50, 0x4B, 3, 4]
            file += common
            file += Array(name.utf8)
            file += packed
        }
        let count = UInt8(entries.count)
        var end: [UInt8] = [0x50, 0x4B, 5, 6, 0, 0, 0, 0, count, 0, count, 0]
        end += Self.number(directory.count)
        end += Self.number(file.count)
        return file + directory + end + [0, 0]
    }

    private static func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 0xFF) } }
}
