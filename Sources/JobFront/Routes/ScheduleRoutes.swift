import JSON
import JobModel
import JobWire
import NIOCore

/// The routes of schedules.
struct ScheduleRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>

    @Sendable func list(_: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond {
            $0.call(.listSchedules, JSONObject(), for: context)
        } as: {
            .json(200, $0)
        }
    }

    @Sendable func put(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond { (link) throws(Refusal) in
            let params = try JSONBody.object(request, adding: "name", request.path["name"])
            return link.call(.putSchedule, params, for: context)
        } as: {
            .json(200, $0)
        }
    }

    @Sendable func delete(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond {
            $0.call(.deleteSchedule, ["name": .string(request.path["name"])], for: context)
        } as: { _ in
            HTTPResponse(204)
        }
    }

    @Sendable func run(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond { (link) throws(Refusal) in
            let params = try JSONBody.object(request, adding: "name", request.path["name"])
            return link.call(.runSchedule, params, for: context)
        } as: { job in
            let id = JSONSlices.word("jobId", of: job.readableBytesView) ?? ""
            return .json(201, job, headers: [.init(name: "Location", value: "/api/jobs/\(id)")])
        }
    }
}
