/// The type under which bytes of strangers are sent: never one that a browser would run or render as a page of this site.
enum ServedType {
    private static let opaque = "application/octet-stream"

    /// What runs, styles a page, or brings parts of its own.
    private static let active: Set<String> = [
        "text/html", "text/css", "text/xsl", "text/vbscript", "text/cache-manifest", "text/x-component", "text/mathml",
        "application/wasm", "application/hta", "application/x-shockwave-flash", "application/java-archive",
        "application/x-java-applet", "application/manifest+json", "application/speculationrules+json",
        "application/importmap+json", "message/rfc822", "application/mhtml", "application/x-mimearchive",
    ]

    /// Words in a type's name that say the same.
    private static let activeWords = ["html", "svg", "javascript", "ecmascript", "jscript", "livescript"]

    /// The type as it was said, if it does no harm and is a type at all, with `charset=utf-8` for a text that is one.
    static func of(_ mediaType: String, isUTF8: Bool) -> String {
        let parts = mediaType.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        let essence = parts[0].lowercased().filter { $0 != " " && $0 != "\t" }
        let names = essence.split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isTokenByte) }),
            names[0] != "multipart", !active.contains(essence), names[1] != "xml", !names[1].hasSuffix("+xml"),
            !activeWords.contains(where: { names[1].contains($0) })
        else { return opaque }
        let hasCharset = parts.count == 2 && parts[1].lowercased().contains("charset")
        return names[0] == "text" && isUTF8 && !hasCharset ? mediaType + "; charset=utf-8" : mediaType
    }

    /// RFC 9110's token, without `*`, which stands for every type.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'+-.^_`|~".utf8.contains(byte)
        }
    }
}
