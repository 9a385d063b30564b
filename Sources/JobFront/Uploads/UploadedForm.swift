import JSON
import JobFiles
import JobModel
import JobWire

/// What a form has brought so far: fields, and files that are durable and go with it unless they are adopted.
struct UploadedForm: ~Copyable {
    /// What the fields of one form may have together, in bytes.
    static let maximumFieldBytes = HTTPRequest.bodyLimit

    private(set) var fields: [String: String] = [:]
    private(set) var files: [ArrivedUpload] = []
    private let reader: UploadReader
    /// The fields that mean something; others are passed over, because pages and libraries add some of their own.
    private let names: [String]
    private var part: MultipartHeaders?
    private var upload: Upload?
    /// Of the files that have come whole.
    private var fileBytes: Int64 = 0
    private var field: [UInt8] = []
    private var fieldBytes = 0

    init(reader: UploadReader, names: [String]) {
        self.reader = reader
        self.names = names
    }

    mutating func take(_ event: MultipartParser.Event) throws {
        switch event {
        case .part(let headers):
            part = headers
            field = []
            if let name = headers.fileName {
                guard files.count < Limits.files else {
                    throw Refusal(.invalidRequest, "The form has more than \(Limits.files) files.")
                }
                upload = try reader.begin(.init(name: name))
            }
        case .data(let bytes):
            guard upload == nil else {
                // All files together are one upload.
                let size = fileBytes + (upload?.size ?? 0) + Int64(bytes.count)
                try reader.checkSize(size)
                try upload?.append(bytes)
                return
            }
            fieldBytes += bytes.count
            guard fieldBytes <= Self.maximumFieldBytes else {
                throw Refusal(.payloadTooLarge, "The form's fields have more than \(Self.maximumFieldBytes) bytes.")
            }
            if names.contains(part?.name ?? "") { field += bytes }
        case .partEnd:
            if let upload = upload.take() { try end(upload) } else { try endField() }
        }
    }

    /// A file input without a file is sent as one without a name and without content.
    private mutating func end(_ upload: consuming Upload) throws(UploadError) {
        guard part?.fileName?.isEmpty == false || upload.size > 0 else { return }
        fileBytes += upload.size
        files.append(try upload.commit())
    }

    private mutating func endField() throws(Refusal) {
        let name = part?.name ?? ""
        guard names.contains(name) else {
            if let meant = names.first(where: { $0.lowercased() == name.lowercased() }) {
                throw refusal(of: name, "is not a field of this form; \(meant) is")
            }
            return
        }
        guard fields[name] == nil else { throw refusal(of: name, "is there twice") }
        guard let text = String(validating: field, as: UTF8.self) else { throw refusal(of: name, "is not valid UTF-8") }
        fields[name] = text
    }

    /// The files, of which there must be one at least.
    func checkedFiles() throws(Refusal) -> [ArrivedUpload] {
        guard !files.isEmpty else {
            throw Refusal(.invalidRequest, "The form has no file: a part with a file name.", pointer: "/fileIds")
        }
        return files
    }

    /// The fields that say something of a job that is to be processed.
    static let processNames = ["jobId", "jobType", "message", "metadata"]

    /// The parameters of `jobs.process` but the files; an empty field counts as left out, as forms send them.
    func processParameters() throws(Refusal) -> JSONObject {
        var params = JSONObject()
        for (name, text) in fields where !text.isEmpty {
            guard name == "metadata" else {
                params[name] = .string(text)
                continue
            }
            let json: JSONNode
            do throws(JSONError) {
                json = try JSONNode.parse(text)
            } catch {
                throw refusal(of: name, "\(error)")
            }
            try json.checkDepth(as: name)
            params[name] = JSONValue(json)
        }
        return params
    }

    private func refusal(of name: String, _ problem: String) -> Refusal { Refusal.wrongField(name, problem) }
}
