import JobFiles
import JobModel
import JobWire

/// What a form has brought so far: fields, and files that are durable.
struct UploadedForm: ~Copyable {
    /// What the fields of one form may have together, in bytes.
    static let maximumFieldBytes = HTTPRequest.bodyLimit

    private(set) var fields: [String: String] = [:]
    private(set) var files: [JobFile] = []
    private let reader: UploadReader
    /// The fields that mean something; others are passed over, because pages and libraries add some of their own.
    private let names: [String]
    private var part: MultipartHeaders?
    private var arrival: Arrival?
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
            if headers.fileName != nil {
                guard files.count < Limits.files else {
                    throw Refusal(.invalidRequest, "The form has more than \(Limits.files) files.")
                }
                arrival = try reader.makeArrival()
            }
        case .data(let bytes):
            guard arrival == nil else {
                try reader.checkSize((arrival?.size ?? 0) + Int64(bytes.count))
                try arrival?.append(bytes)
                return
            }
            fieldBytes += bytes.count
            guard fieldBytes <= Self.maximumFieldBytes else {
                throw Refusal(.payloadTooLarge, "The form's fields have more than \(Self.maximumFieldBytes) bytes.")
            }
            if names.contains(part?.name ?? "") { field += bytes }
        case .partEnd:
            if let arrival = arrival.take() { try end(arrival) } else { try endField() }
        }
    }

    /// A file input without a file is sent as one without a name and without content.
    private mutating func end(_ arrival: consuming Arrival) throws {
        let name = part?.fileName ?? ""
        guard !name.isEmpty || arrival.size > 0 else { return }
        files.append(try arrival.commit(name: name))
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

    /// Removes the files again.
    mutating func discard() {
        for file in files { reader.area.remove(file.fileId) }
        files = []
    }

    /// Hands the files over when the form is as a route wants it, and else removes them.
    mutating func takeFiles(
        _ check: (borrowing UploadedForm) throws(Refusal) -> Void = { _ in }
    ) throws(Refusal) -> [JobFile] {
        do throws(Refusal) {
            guard !files.isEmpty else {
                throw Refusal(.invalidRequest, "The form has no file: a part with a file name.", pointer: "/fileIds")
            }
            try check(self)
            return files
        } catch {
            discard()
            throw error
        }
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
            do throws(JSONError) {
                params[name] = try JSONValue.parse(text)
            } catch {
                throw refusal(of: name, "\(error)")
            }
        }
        try params.checkDepth()
        return params
    }

    private func refusal(of name: String, _ problem: String) -> Refusal { Refusal.wrongField(name, problem) }
}
