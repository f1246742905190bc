# Mixed models for counts: data of metadat, and the answers of metafor's rma.glmm.
# Usage: Rscript glmm.R <output.json>
# Needs lme4 (r-cran-lme4) and BiasedUrn (r-cran-biasedurn).
# Optimisers are run far below their default tolerances; 25 quadrature nodes where lme4 allows
# more than one, one (Laplace) for UM.RS. Defaults (7 nodes, loose) are kept beside them.
suppressPackageStartupMessages({ library(metafor); library(metadat); library(lme4) })
output <- commandArgs(trailingOnly = TRUE)[1]

number <- function(x) {
  if (length(x) == 0) return("null")
  ifelse(is.na(x), "null", ifelse(is.infinite(x), ifelse(x > 0, "\"Inf\"", "\"-Inf\""),
                                  sprintf("%.17g", x)))
}
vec <- function(x) paste0("[", paste(number(as.numeric(x)), collapse = ", "), "]")
txt <- function(x) paste0("\"", x, "\"")
obj <- function(x) paste0("{", paste0("\"", names(x), "\": ", x, collapse = ", "), "}")

tight <- list(
  glmerCtrl = list(optimizer = "nloptwrap", tolPwrss = 1e-13, check.conv.grad = "ignore",
    optCtrl = list(algorithm = "NLOPT_LN_BOBYQA", xtol_abs = 1e-12, ftol_abs = 1e-14,
                   xtol_rel = 1e-12, ftol_rel = 1e-15, maxeval = 20000)),
  glmCtrl = list(epsilon = 1e-14, maxit = 200),
  optCtrl = list(rel.tol = 1e-10), intCtrl = list(rel.tol = 1e-10, subdivisions = 1000))

fit_of <- function(data, measure, model, method, nodes, control) {
  call <- c(data, list(measure = measure, method = method, nAGQ = nodes, control = control))
  if (model != "") call$model <- model
  for (tolerance in c(1e-13, 1e-11, 1e-9, 1e-7)) {  # where the inner iterations do not settle
    if (length(control)) call$control$glmerCtrl$tolPwrss <- tolerance
    r <- try(suppressWarnings(do.call(rma.glmm, call)), silent = TRUE)
    if (!inherits(r, "try-error") || !length(control)) break
  }
  if (inherits(r, "try-error")) return("null")
  obj(list(estimate = number(c(r$beta)), se = number(r$se), zval = number(r$zval),
    pval = number(r$pval), ci_lb = number(r$ci.lb), ci_ub = number(r$ci.ub),
    tau2 = number(r$tau2), sigma2 = number(r$sigma2), I2 = number(r$I2), H2 = number(r$H2),
    QE_Wld = number(r$QE.Wld), QE_LRT = number(r$QE.LRT), QE_df = number(r$QE.df),
    QEp_LRT = number(r$QEp.LRT), k = number(r$k), log_likelihood = number(c(logLik(r)))))
}

# The same model put to lme4 directly, where metafor's saturated model fails at tight tolerances.
directly <- function(d) {
  k <- length(d$x1i)
  long <- data.frame(y = c(d$x1i, d$x2i), t = c(d$t1i, d$t2i), g = rep(c(0.5, -0.5), each = k),
                     s = factor(rep(1:k, 2)))
  control <- tight$glmerCtrl
  control$tolPwrss <- 1e-11
  f <- suppressMessages(suppressWarnings(glmer(y ~ g + (1 | s) + (0 + g | s), offset = log(t),
    family = poisson, data = long, control = do.call(glmerControl, control))))
  v <- unlist(VarCorr(f))
  obj(list(estimate = number(fixef(f)[[2]]), se = number(sqrt(diag(as.matrix(vcov(f))))[[2]]),
    tau2 = number(v[["s.1"]]), sigma2 = number(v[["s"]]), k = number(k),
    log_likelihood = number(c(logLik(f)))))
}

analysis <- function(id, data, measure, model) {
  message(id, " ", measure, " ", model)
  most <- if (model == "UM.RS") 1 else 25
  fits <- list(EE = fit_of(data, measure, model, "EE", if (model == "UM.RS") 25 else 7, tight),
               ML = fit_of(data, measure, model, "ML", most, tight))
  if (model != "CM.EL" || measure == "IRR") {
    if (model != "UM.RS") fits$ML_7 <- fit_of(data, measure, model, "ML", 7, tight)
    fits$ML_default <- fit_of(data, measure, model, "ML", 7, list())
  }
  if (model == "UM.RS" && measure == "IRR") fits$ML <- directly(data)
  obj(c(list(id = txt(id), measure = txt(measure), model = txt(model)),
        list(data = obj(lapply(data, vec))), fits))
}

two <- function(d, a, n1, c, n2) list(ai = d[[a]], n1i = d[[n1]], ci = d[[c]], n2i = d[[n2]])
rates <- function(d) list(x1i = d$x1i, t1i = d$t1i, x2i = d$x2i, t2i = d$t2i)
one <- function(d) list(xi = d$xi, ni = d$ni)

bcg <- dat.bcg
bcg$n1 <- bcg$tpos + bcg$tneg
bcg$n2 <- bcg$cpos + bcg$cneg
tables <- list(nielweise2007 = two(dat.nielweise2007, "ai", "n1i", "ci", "n2i"),
  bcg = two(bcg, "tpos", "n1", "cpos", "n2"), hine1989 = two(dat.hine1989, "ai", "n1i", "ci", "n2i"),
  collins1985a = two(dat.collins1985a, "b.xti", "nti", "b.xci", "nci"))
tables$collins1985a <- lapply(tables$collins1985a, function(x) {
  whole <- Reduce(`&`, lapply(tables$collins1985a, function(y) !is.na(y)))
  x[whole]
})
out <- c()
for (id in names(tables)) for (model in c("UM.FS", "UM.RS", "CM.AL", "CM.EL")) {
  if (model == "CM.EL" && id %in% c("bcg", "collins1985a")) next  # takes metafor many minutes
  out <- c(out, analysis(id, tables[[id]], "OR", model))
}
for (id in c("nielweise2008", "hart1999")) {
  d <- get(paste0("dat.", id))
  for (model in c("UM.FS", "UM.RS", "CM.EL")) out <- c(out, analysis(id, rates(d), "IRR", model))
  single <- list(xi = d$x2i, ti = d$t2i)
  out <- c(out, analysis(id, single, "IRLN", ""))
}
for (id in c("pritz1997", "debruin2009")) {
  out <- c(out, analysis(id, one(get(paste0("dat.", id))), "PLO", ""))
}
out <- c(out, analysis("nielweise2007.control",
  list(xi = dat.nielweise2007$ci, ni = dat.nielweise2007$n2i), "PLO", ""))

version <- function(p) txt(as.character(packageVersion(p)))
source <- obj(list(r_version = txt(as.character(getRversion())), metafor = version("metafor"),
  metadat = version("metadat"), lme4 = version("lme4"), BiasedUrn = version("BiasedUrn"),
  command = txt("Rscript validation/metafor/glmm.R tests/reference/r_glmm.json")))
writeLines(paste0("{\"source\": ", source, ",\n\"analyses\": [\n", paste(out, collapse = ",\n"), "\n]}"),
           output)
