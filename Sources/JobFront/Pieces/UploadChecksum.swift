import FoundationEssentials
import JobFiles
import JobWire

/// What `Upload-Checksum` says: an algorithm and the digest of the body in base64.
enum UploadChecksum {
    /// Nil where there is no such header.
    static func parse(_ header: String?) throws(Refusal) -> PieceOfUpload.Checksum? {
        guard let header else { return nil }
        let words = header.split(separator: " ")
        guard words.count == 2, let bytes = Data(base64Encoded: String(words[1])) else {
            throw Tus.wrong("Upload-Checksum", "must be an algorithm and a digest in base64")
        }
        guard let algorithm = PieceOfUpload.Checksum.Algorithm(rawValue: words[0].lowercased()) else {
            throw Tus.wrong("Upload-Checksum", "must be of sha1 or sha256")
        }
        return PieceOfUpload.Checksum(algorithm, [UInt8](bytes))
    }
}
