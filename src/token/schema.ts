// Standard Schema v1 (https://standardschema.dev): the one interface that zod, valibot, arktype and others share.

/** A schema that validates the claims and gives them their type. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': StandardSchemaV1.Props<Input, Output>
}

export declare namespace StandardSchemaV1 {
  interface Props<Input = unknown, Output = Input> {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Result<Output> | Promise<Result<Output>>
    readonly types?: { readonly input: Input, readonly output: Output } | undefined
  }

  type Result<Output> = Success<Output> | Failure

  interface Success<Output> {
    readonly value: Output
    readonly issues?: undefined
  }

  interface Failure {
    readonly issues: readonly Issue[]
  }

  interface Issue {
    readonly message: string
    readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
  }

  type InferOutput<S extends StandardSchemaV1> = NonNullable<S['~standard']['types']>['output']
}
