/// One inference request.
public struct InferRequest: Sendable, Equatable {
    public var model: String
    /// nil lets the server's version policy choose.
    public var version: String?
    /// Echoed by the server and written in its logs; empty for none.
    public var id: String
    /// W3C Trace Context: sent along as the header, or the metadata, `traceparent`, for the server's own trace; nil for none.
    public var traceParent: String?
    public var inputs: [Tensor]
    /// Names of the outputs wanted; empty asks for all.
    public var outputs: [String]

    public init(
        model: String, version: String? = nil, id: String = "", traceParent: String? = nil, inputs: [Tensor],
        outputs: [String] = []
    ) {
        self.model = model
        self.version = version
        self.id = id
        self.traceParent = traceParent
        self.inputs = inputs
        self.outputs = outputs
    }
}

/// One inference reply, already checked: see `InferenceTransport.infer`.
public struct InferResponse: Sendable, Equatable {
    public var model: String
    /// The version that really answered.
    public var version: String
    public var id: String
    public var outputs: [Tensor]

    public init(model: String, version: String, id: String, outputs: [Tensor]) {
        self.model = model
        self.version = version
        self.id = id
        self.outputs = outputs
    }

    /// The output called `name`, if the reply has it.
    public func output(_ name: String) -> Tensor? {
        outputs.first { $0.name == name }
    }
}

public struct ServerMetadata: Sendable, Equatable {
    public var name: String
    public var version: String
    public var extensions: [String]

    public init(name: String, version: String, extensions: [String]) {
        self.name = name
        self.version = version
        self.extensions = extensions
    }
}

/// What a model takes or gives under one name. A dimension of -1 may be any size.
public struct TensorMetadata: Sendable, Equatable {
    public var name: String
    /// As on the wire (`FP32`); kept as text, since a server may know types that we do not.
    public var datatype: String
    public var shape: [Int]

    public init(name: String, datatype: String, shape: [Int]) {
        self.name = name
        self.datatype = datatype
        self.shape = shape
    }
}

public struct ModelMetadata: Sendable, Equatable {
    public var name: String
    public var versions: [String]
    public var platform: String
    public var inputs: [TensorMetadata]
    public var outputs: [TensorMetadata]

    public init(
        name: String, versions: [String], platform: String, inputs: [TensorMetadata], outputs: [TensorMetadata]
    ) {
        self.name = name
        self.versions = versions
        self.platform = platform
        self.inputs = inputs
        self.outputs = outputs
    }
}

/// The part of a model's configuration that a client needs.
public struct ModelConfiguration: Sendable, Equatable {
    public var name: String
    public var platform: String
    public var backend: String
    /// 0 means that the model does not batch.
    public var maxBatchSize: Int
    /// `parameters` of `config.pbtxt`, string values only.
    public var parameters: [String: String]

    public init(name: String, platform: String, backend: String, maxBatchSize: Int, parameters: [String: String]) {
        self.name = name
        self.platform = platform
        self.backend = backend
        self.maxBatchSize = maxBatchSize
        self.parameters = parameters
    }
}
