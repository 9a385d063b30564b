import JobModel
import JobTesting
import Testing

/// Who is told of what, and how often it is tried.
struct WebhookRuleTests {
    private let start = Timestamp(milliseconds: 1_000_000)

    private static func name(_ text: String) throws -> WebhookName { try #require(WebhookName(text)) }

    private static func webhook(
        _ moments: Set<Webhook.Moment> = Webhook.usualMoments, jobTypes: Set<String> = []
    ) throws -> Webhook {
        Webhook(
            address: try #require(WebhookAddress("https://example.org/hook")), secretFile: "/secret", moments: moments,
            jobTypes: jobTypes)
    }

    private static func change(_ before: JobStatus?, _ after: JobStatus, _ terms: JobTerms = JobTerms()) -> JobEvent {
        var job = Job.sample(status: after)
        job.asked.terms = terms
        return JobEvent(
            kind: .updated, before: before.map { .job(Job.sample(status: $0)) }, after: .job(job))
    }

    // MARK: Who is told

    @Test func aChangeOfStateIsToldOnceAndAnyOtherChangeIsNot() {
        let told: [JobStatus: Webhook.Moment] = [
            .processing: .started, .completed: .completed, .failed: .failed, .cancelled: .cancelled,
        ]
        for before in [JobStatus?.none] + JobStatus.allCases {
            for after in JobStatus.allCases {
                let moment = Webhook.Moment(Self.change(before, after))
                #expect(moment == (before == after ? nil : told[after]), "\(String(describing: before)) \(after)")
            }
        }
    }

    @Test func aWebhookIsToldOfJobsThatNameItAndOfItsTypes() throws {
        let (shop, all, eager) = (try Self.name("shop"), try Self.name("all"), try Self.name("eager"))
        let rules = Rules(webhooks: [
            shop: try Self.webhook(), all: try Self.webhook(jobTypes: [JobMap.defaultJobType, "other"]),
            eager: try Self.webhook([.started], jobTypes: ["another"]),
        ])
        #expect(rules.webhooks(toldOf: Self.change(.processing, .completed)) == [all])
        let terms = JobTerms(webhook: shop)
        #expect(rules.webhooks(toldOf: Self.change(.processing, .completed, terms)) == [all, shop])
        #expect(rules.webhooks(toldOf: Self.change(.queued, .processing, terms)) == [])
        #expect(rules.webhooks(toldOf: Self.change(.queued, .processing, JobTerms(webhook: eager))) == [eager])
        #expect(Rules().webhooks(toldOf: Self.change(.queued, .completed, terms)) == [])
    }

    @Test func aJobNamesAWebhookThatThereIs() throws {
        let shop = try Self.name("shop")
        var map = JobMap(rules: Rules(webhooks: [shop: try Self.webhook()]))
        let creation = Creation(jobId: .named("a"), terms: JobTerms(webhook: try Self.name("else")))
        #expect(throws: JobError.invalid(pointer: "/webhook", reason: "There is no webhook else.")) {
            try map.apply(.create(creation), at: start)
        }
        _ = try map.apply(.create(Creation(jobId: .named("a"), terms: JobTerms(webhook: shop))), at: start)
        #expect(map.record(.named("a"))?.job?.asked.terms.webhook == shop)
    }

    @Test func nobodySaysWhoIsTold() throws {
        let nobody = Access(rights: [.create], reach: .unguessable)
        let id = JobID.make(at: start, 1, 2)
        let creation = Creation(jobId: id, terms: JobTerms(webhook: try Self.name("shop")))
        #expect(
            throws: JobError.forbidden(reason: "Only who has signed in, or sends a token, may set webhook.")
        ) { try nobody.check(.create(creation), at: start) }
    }

    // MARK: Tries

    private func made() throws -> Delivery {
        Delivery(
            id: try #require(DeliveryID("msg_1")), webhook: try Self.name("shop"), jobId: .sample, moment: .completed,
            createdAt: start, body: "{}")
    }

    @Test func itIsTriedForThreeDays() throws {
        #expect(Delivery.pauses.reduce(.zero, +) == .seconds(3 * 86_400))
        #expect(zip(Delivery.pauses, Delivery.pauses.dropFirst()).allSatisfy { $0 <= $1 })
        var (delivery, now) = (try made(), start)
        for pause in Delivery.pauses {
            #expect(delivery.tries.nextAt == now)
            delivery.note(.failed(problem: "No.", httpStatus: 503), at: now)
            now = now + pause
        }
        #expect(delivery.status == .pending && now == start + .seconds(3 * 86_400))
        delivery.note(.failed(problem: "No answer."), at: now)
        #expect(delivery.status == .abandoned && delivery.endedAt == now && delivery.tries.nextAt == nil)
        #expect(delivery.tries.httpStatus == nil && delivery.tries.problem == "No answer.")
        let ended = delivery
        delivery.note(.delivered(httpStatus: 200), at: now)
        delivery.abandon(at: now + .seconds(1))
        #expect(delivery == ended)
    }

    @Test func aReceiverMayAskForALongerWaitButNotForEver() throws {
        var delivery = try made()
        delivery.note(.failed(problem: "Busy.", httpStatus: 429, retryAfter: .seconds(60)), at: start)
        #expect(delivery.tries.nextAt == start + .seconds(60))
        delivery.note(.failed(problem: "Busy.", httpStatus: 429, retryAfter: .seconds(1)), at: start)
        #expect(delivery.tries.nextAt == start + .seconds(25))
        delivery.note(.failed(problem: "Busy.", retryAfter: .seconds(1_000_000_000)), at: start)
        #expect(delivery.tries.nextAt == start + .seconds(28_800))
    }

    @Test func whatHasEndedIsSentAgainAsIfItHadNeverBeenTried() throws {
        var delivery = try made()
        delivery.note(.delivered(httpStatus: 204), at: start)
        #expect(delivery.status == .delivered && delivery.tries.httpStatus == 204 && delivery.tries.count == 1)
        delivery.sendAgain(at: start + .seconds(9))
        #expect(
            delivery.status == .pending && delivery.tries.count == 0 && delivery.tries.nextAt == start + .seconds(9))
        #expect(delivery.endedAt == nil && delivery.tries.lastAt == start)
        delivery.tries.nextAt = nil
        delivery.sendAgain(at: start + .seconds(10))
        #expect(delivery.tries.nextAt == nil, "it waits for the one before it")
    }

    // MARK: Addresses

    @Test(
        arguments: [
            ("https://example.org/hook", "example.org", nil, "/hook"), ("http://example.org", "example.org", nil, "/"),
            ("https://Example.ORG:8443/a/b?c=d", "example.org", 8443, "/a/b?c=d"),
            ("http://example.org?x", "example.org", nil, "/?x"), ("http://127.0.0.1:80/", "127.0.0.1", 80, "/"),
            ("https://[2001:DB8::1]:444/", "2001:db8::1", 444, "/"), ("http://[::1]/", "::1", nil, "/"),
            ("http://2130706433/", "2130706433", nil, "/"), ("http://a_b-c.d/%2f", "a_b-c.d", nil, "/%2f"),
        ] as [(String, String, Int?, String)])
    func anAddressIsRead(text: String, host: String, port: Int?, target: String) throws {
        let address = try #require(WebhookAddress(text))
        #expect((address.host, address.port, address.target) == (host, port, target))
        #expect(address.isSecure == text.hasPrefix("https"))
        #expect(WebhookAddress(address.description) == address)
    }

    @Test(arguments: [
        "", "example.org", "ftp://example.org/", "HTTPS://example.org/", "https://", "https:///path", "http://:80/",
        "http://user@example.org/", "http://a:b@example.org/", "http://example.org\\@127.0.0.1/", "http://a b/",
        "http://example.org/#x", "http://example.org:0/", "http://example.org:65536/", "http://example.org:/",
        "http://example.org:8a/", "http://[::1/", "http://[]/", "http://[1]/", "http://[fe80::1%25eth0]/",
        "http://[::1]x/", "http://exämple.org/", "http://example.org/\u{0}", "http://example.org/\r\nX: y",
        "http://a]/", "http://%31/",
    ])
    func whatOthersMightReadOtherwiseIsNotAnAddress(text: String) {
        #expect(WebhookAddress(text) == nil)
    }
}
