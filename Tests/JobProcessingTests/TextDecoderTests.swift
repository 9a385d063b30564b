import Testing

@testable import JobProcessing

struct TextDecoderTests {
    @Test(
        arguments: [
            (.utf8, Array("é😀 x".utf8), "é😀 x"), (.utf8, [0xF0, 0x9F], "\u{FFFD}"),
            (.utf8, [0x61, 0xFF, 0x62], "a\u{FFFD}b"),
            (.windows1252, [0x80, 0x92, 0xE9, 0x81, 0x41], "€’é\u{81}A"),
            (.utf16LittleEndian, [0x41, 0, 0x3D, 0xD8, 0, 0xDE], "A😀"),
            (.utf16BigEndian, [0, 0x41, 0xD8, 0x3D, 0xDE, 0], "A😀"),
            (.utf16LittleEndian, [0, 0xDE, 0x3D, 0xD8, 0x41, 0], "\u{FFFD}\u{FFFD}A"),
            (.utf16LittleEndian, [0x41, 0, 0x42], "A\u{FFFD}"), (.utf16LittleEndian, [0x3D, 0xD8], "\u{FFFD}"),
            (.utf32LittleEndian, [0, 0xF6, 1, 0], "😀"), (.utf32BigEndian, [0, 1, 0xF6, 0, 0, 0x20, 0, 0], "😀\u{FFFD}"),
        ] as [(TextEncoding, [UInt8], String)])
    func aTextIsTheSameHoweverItIsCut(encoding: TextEncoding, bytes: [UInt8], text: String) {
        for position in 0...bytes.count {
            var decoder = TextDecoder(encoding)
            var scalars = String.UnicodeScalarView()
            decoder.add(bytes[..<position]) { scalars.append($0) }
            decoder.add(bytes[position...]) { scalars.append($0) }
            decoder.finish { scalars.append($0) }
            #expect(String(scalars) == text)
        }
    }

    @Test(
        arguments: [
            ([0xEF, 0xBB, 0xBF, 0x41], .utf8, 3), ([0xFF, 0xFE, 0x41, 0], .utf16LittleEndian, 2),
            ([0xFE, 0xFF], .utf16BigEndian, 2), ([0xFF, 0xFE, 0, 0], .utf32LittleEndian, 4),
            ([0, 0, 0xFE, 0xFF], .utf32BigEndian, 4),
        ] as [([UInt8], TextEncoding, Int)])
    func aMarkNamesTheEncoding(bytes: [UInt8], encoding: TextEncoding, byteCount: Int) {
        #expect(TextEncoding.marked(bytes)?.encoding == encoding)
        #expect(TextEncoding.marked(bytes)?.byteCount == byteCount)
    }

    @Test(arguments: [[], [0xFF], [0xEF, 0xBB], Array("text".utf8)] as [[UInt8]])
    func thereMayBeNoMark(bytes: [UInt8]) {
        #expect(TextEncoding.marked(bytes) == nil)
    }

    @Test(
        arguments: [
            (Array("é😀".utf8), true), ([], true), ([0x41, 0xC3], false), (Array("é".utf8) + [0xC3], true),
            ([0xC3, 0x41], false), ([0x80], false),
            ([0xED, 0xA0, 0x80], false), ([0xC0, 0x80], false),
        ] as [([UInt8], Bool)])
    func aTextIsOrIsNotUTF8(bytes: [UInt8], isValid: Bool) {
        for position in 0...bytes.count {
            var check = UTF8Check()
            _ = check.add(bytes[..<position])
            _ = check.add(bytes[position...])
            #expect(check.isValid == isValid)
        }
    }
}
