//! Normalisation with its weights folded to one form: multiply, then add.
//!
//! Must not: compute in less than single precision.

use burn::tensor::Tensor;

use super::load::Loader;
use crate::error::Error;
use crate::numeric::single;
use crate::ops;
use crate::spec::{NormKind, NormSpec};

/// A norm over the last dimension.
#[derive(Debug, Clone)]
pub(crate) struct Norm {
    pub(crate) weight: Tensor<1>,
    pub(crate) bias: Option<Tensor<1>>,
    pub(crate) eps: f32,
    /// Whether the mean is taken away first.
    pub(crate) centred: bool,
    /// How many numbers are normalised together; a row holds one or more such groups, and the
    /// weights repeat where there are fewer of them than numbers in a row.
    pub(crate) group: usize,
}

impl Norm {
    pub(crate) fn load(
        spec: &NormSpec,
        prefix: &str,
        length: usize,
        loader: &mut Loader<'_>,
    ) -> Result<Self, Error> {
        Self::load_named(spec, &format!("{prefix}{}", spec.name), length, loader)
    }

    /// Each head's own weights, one after another.
    pub(crate) fn load_each(
        spec: &NormSpec,
        prefix: &str,
        heads: usize,
        length: usize,
        loader: &mut Loader<'_>,
    ) -> Result<Self, Error> {
        let mut weights = Vec::with_capacity(heads * length);
        for head in 0..heads {
            let name = format!("{prefix}{}.weight", spec.name.replace("{}", &head.to_string()));
            weights.extend(loader.vector(&name, length, 1.0)?);
        }
        Ok(Self {
            weight: loader.tensor(weights),
            bias: None,
            eps: single(spec.eps),
            centred: spec.kind == NormKind::Layer,
            group: length,
        })
    }

    pub(crate) fn load_named(
        spec: &NormSpec,
        name: &str,
        length: usize,
        loader: &mut Loader<'_>,
    ) -> Result<Self, Error> {
        let from_one = spec.kind == NormKind::RmsFromOne;
        let mut weight =
            loader.vector(&format!("{name}.weight"), length, if from_one { 0.0 } else { 1.0 })?;
        if from_one {
            weight.iter_mut().for_each(|number| *number += 1.0);
        }
        let bias = if spec.bias {
            let bias = loader.vector(&format!("{name}.bias"), length, 0.0)?;
            Some(loader.tensor(bias))
        } else {
            None
        };
        Ok(Self {
            weight: loader.tensor(weight),
            bias,
            eps: single(spec.eps),
            centred: spec.kind == NormKind::Layer,
            group: length,
        })
    }

    /// Normalises each group of each row of `x`.
    pub(crate) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        ops::norm(x, self)
    }
}
