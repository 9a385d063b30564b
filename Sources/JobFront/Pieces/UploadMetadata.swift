import FoundationEssentials
import JobFiles
import JobModel
import JobWire

/// What `Upload-Metadata` says: pairs of a key and a value in base64.
struct UploadMetadata: Hashable, Sendable {
    /// As it was sent; nil where nothing was.
    let text: String?
    private var values: [String: [UInt8]] = [:]

    init(_ header: String?) throws(Refusal) {
        text = header
        guard let header else { return }
        guard header.utf8.count <= Limits.uploadMetadataBytes else {
            throw Tus.wrong("Upload-Metadata", "has more than \(Limits.uploadMetadataBytes) bytes")
        }
        for pair in header.split(separator: ",", omittingEmptySubsequences: false) {
            let words = pair.split(separator: " ")
            guard let key = words.first, words.count <= 2, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw Tus.wrong("Upload-Metadata", "must hold pairs of a key and a value in base64")
            }
            guard let value = Data(base64Encoded: words.count == 2 ? String(words[1]) : "") else {
                throw Tus.wrong("Upload-Metadata", "has a value that is not base64: \(key.prefix(50))")
            }
            guard values.updateValue([UInt8](value), forKey: String(key)) == nil else {
                throw Tus.wrong("Upload-Metadata", "has a key twice: \(key.prefix(50))")
            }
        }
    }

    /// What the sender calls the file, safe to show.
    var name: String { FileName.safe(String(decoding: values["filename"] ?? [], as: UTF8.self)) }

    /// What the sender says that it is.
    var mediaType: String {
        let type = String(decoding: values["filetype"] ?? [], as: UTF8.self)
        let isOne = type.contains("/") && type.utf8.count <= 255 && type.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        return isOne ? type : MediaType.unknown
    }
}
