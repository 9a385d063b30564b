import JobFiles
import JobModel
import JobWire
import Testing

@testable import JobFront

/// What the headers of resumable uploads mean.
@Suite(.timeLimit(.minutes(5)))
struct TusHeaderTests {
    @Test func metadataIsPairsOfAKeyAndBase64() throws {
        let metadata = try UploadMetadata("filename bGV0dGVyLnR4dA==,filetype dGV4dC9wbGFpbg==,is_confidential")
        #expect(metadata.name == "letter.txt" && metadata.mediaType == "text/plain")
        #expect(metadata.text == "filename bGV0dGVyLnR4dA==,filetype dGV4dC9wbGFpbg==,is_confidential")
        let none = try UploadMetadata(nil)
        #expect(none.text == nil && none.name == FileName.unnamed && none.mediaType == MediaType.unknown)
        // A path is not a name, and what breaks a line is not a media type.
        let harmful = try UploadMetadata("filename Li4vLi4vZXRjL3Bhc3N3ZA==, filetype dGV4dC9wbGFpbg0KWDogeQ==")
        #expect(harmful.name == "passwd" && harmful.mediaType == MediaType.unknown)
    }

    @Test(arguments: [
        "filename !!!", "filename YQ==,filename YQ==", "filename YQ== YQ==", ",", "filename YQ==,", "é YQ==",
        String(repeating: "a", count: 9000),
    ])
    func metadataThatIsNotIsRefused(header: String) {
        let refusal = #expect(throws: Refusal.self) { try UploadMetadata(header) }
        #expect(refusal?.code == .invalidRequest)
    }

    @Test func checksumsNameTheirAlgorithm() throws {
        #expect(try UploadChecksum.parse("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")?.algorithm == .sha1)
        #expect(try UploadChecksum.parse("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")?.bytes.count == 20)
        #expect(try UploadChecksum.parse(nil) == nil)
        for wrong in ["sha1", "sha1 !!", "md5 YQ==", "YQ==", "sha1 YQ== x"] {
            #expect(throws: Refusal.self) { try UploadChecksum.parse(wrong) }
        }
    }

    @Test func partsAreNamedByTheirAddresses() throws {
        #expect(try UploadConcat.parse(nil) == .file)
        #expect(try UploadConcat.parse("partial") == .part)
        let (one, two) = (try #require(FileID("file_1")), try #require(FileID("file_2")))
        let joined = try UploadConcat.parse("final;/api/uploads/file_1 https://jobs.example.com/api/uploads/file_2")
        #expect(joined == .joined([one, two]))
        #expect(UploadConcat.text(joined) == "final;/api/uploads/file_1 /api/uploads/file_2")
        for wrong in ["", "final", "final;", "final;/api/files/file_1", "final;/api/uploads/", "final;x", "Partial"] {
            #expect(throws: Refusal.self) { try UploadConcat.parse(wrong) }
        }
    }

    @Test func aNumberOfBytesHasDigitsOnly() throws {
        #expect(try Tus.size("0", "Upload-Offset") == 0)
        #expect(try Tus.size("00012", "Upload-Offset") == 12)
        #expect(try Tus.size("99999999999999999999999", "Upload-Offset") == .max)
        for wrong in ["-1", "+1", "1.5", "1e3", " 1", "0x10", "١"] {
            #expect(throws: Refusal.self) { try Tus.size(wrong, "Upload-Offset") }
        }
    }

    @Test func aCreationSaysOneLength() throws {
        let id = try #require(FileID("file_1"))
        func creation(_ headers: String...) throws(Refusal) -> UploadCreation {
            try UploadCreation(HTTPRequest(parameters: headers.map { "HTTP_" + $0 }), id, maximumBytes: 100)
        }
        #expect(try creation("UPLOAD_LENGTH=100").length == 100)
        #expect(try creation("UPLOAD_DEFER_LENGTH=1").length == nil)
        #expect(try creation("UPLOAD_CONCAT=final;/api/uploads/a").kind.parts.count == 1)
        for wrong in [
            [], ["UPLOAD_LENGTH=1", "UPLOAD_DEFER_LENGTH=1"], ["UPLOAD_DEFER_LENGTH=2"],
            ["UPLOAD_CONCAT=final;/api/uploads/a", "UPLOAD_LENGTH=1"],
        ] {
            let refusal = #expect(throws: Refusal.self) {
                try UploadCreation(HTTPRequest(parameters: wrong.map { "HTTP_" + $0 }), id, maximumBytes: 100)
            }
            #expect(refusal?.code == .invalidRequest)
        }
        for long in ["101", "9007199254740993", "99999999999999999999"] {
            let refusal = #expect(throws: Refusal.self) { try creation("UPLOAD_LENGTH=\(long)") }
            #expect(refusal?.code == .payloadTooLarge)
        }
    }

    @Test func aMethodMayStandInAHeaderAtTheseAddressesOnly() {
        func method(_ path: String) -> [String] {
            let request = HTTPRequest(parameters: [
                "REQUEST_METHOD=POST", "REQUEST_URI=\(path)", "HTTP_X_HTTP_METHOD_OVERRIDE=PATCH",
            ])
            return [request.method, request.sentMethod]
        }
        #expect(method("/api/uploads/file_1") == ["PATCH", "POST"])
        #expect(method("/api/uploads") == ["PATCH", "POST"])
        #expect(method("/api/jobs/a") == ["POST", "POST"])
        #expect(method("/api/uploadsx") == ["POST", "POST"])
    }

    @Test func momentsAreWrittenAsHTTPWants() {
        #expect(HTTPDate.text(Timestamp(milliseconds: 784_111_777_000)) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
