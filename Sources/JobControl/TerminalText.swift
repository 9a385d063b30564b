/// A text from a stranger on its way to the terminal, in pieces.
struct TerminalText {
    /// What has come of the last line.
    private var line: [UInt8] = []

    mutating func show(_ bytes: [UInt8]) {
        line += bytes
        guard let end = line.lastIndex(of: UInt8(ascii: "\n")) else { return }
        for piece in line[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            print(piece)
        }
        line.removeFirst(end + 1)
    }

    mutating func end() {
        if !line.isEmpty { print(line[...]) }
        line = []
    }

    private func print(_ line: ArraySlice<UInt8>) {
        let text = String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        Output.line(
            text.split(separator: "\t", omittingEmptySubsequences: false).map { Output.printable(String($0)) }
                .joined(separator: "\t"))
    }
}
