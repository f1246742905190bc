# Network meta-analysis: data of metadat in arm-based form and the answers of metafor's rma.mv.
# Usage: Rscript network.R <output.json>
# Contrast-based models with the sampling covariance of arms, struct="CS" and rho=1/2, so that
# tau2 is the variance of every pair. Design-by-treatment models give heterogeneity within designs.
suppressPackageStartupMessages({ library(metafor); library(metadat) })
output <- commandArgs(trailingOnly = TRUE)[1]
control <- list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-16, maxit = 10000,
                tau2.init = 0.1)

number <- function(x) ifelse(is.na(x), "null", sprintf("%.17g", x))
vec <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
txt <- function(x) paste0("[", paste0("\"", x, "\"", collapse = ", "), "]")
mat <- function(x) paste0("[", paste(apply(x, 1, vec), collapse = ", "), "]")
obj <- function(x) paste0("{", paste0("\"", names(x), "\": ", x, collapse = ",\n"), "}")

long3 <- function(d, treat, cols) {
  # Wide rows with up to three arms to one row per arm.
  arms <- lapply(1:3, function(i) {
    out <- data.frame(study = as.character(d$study), treatment = as.character(d[[treat[i]]]))
    for (name in names(cols)) out[[name]] <- as.numeric(d[[cols[[name]][i]]])
    out
  })
  all <- do.call(rbind, arms)
  all <- all[!is.na(all$treatment) & all$treatment != "", ]
  all[order(match(all$study, as.character(d$study))), ]
}

# Contrasts with the first arm of each study, by name of treatment, and their covariance.
contrasts_of <- function(arms) {
  rows <- list(); blocks <- list()
  for (s in unique(arms$study)) {
    d <- arms[arms$study == s, ]
    d <- d[order(d$treatment), ]
    base <- d[1, ]; rest <- d[-1, ]
    v <- diag(rest$u, nrow(rest)) + base$u
    rows[[s]] <- data.frame(study = s, base = base$treatment, other = rest$treatment,
                            design = paste(d$treatment, collapse = ":"), y = rest$x - base$x)
    blocks[[s]] <- v
  }
  list(rows = do.call(rbind, rows), v = bldiag(blocks))
}

places <- function(d, measure) {
  if (measure == "MD") return(data.frame(x = d$mean, u = d$sd^2 / d$n))
  empty <- tapply(d$events == 0 | d$events == d$n, d$study, any)
  plus <- ifelse(empty[d$study], 0.5, 0)
  a <- d$events + plus; b <- d$n - d$events + plus
  if (measure == "OR") return(data.frame(x = log(a / b), u = 1 / a + 1 / b))
  data.frame(x = log(a / (a + b)), u = 1 / a - 1 / (a + b))
}

analyse <- function(d, measure) {
  d <- d[order(match(d$study, unique(d$study))), ]
  full <- d
  d <- d[complete.cases(d), ]
  if (measure != "MD") {
    none <- tapply(d$events, d$study, sum) == 0
    every <- tapply(d$n - d$events, d$study, sum) == 0
    d <- d[!(none | every)[d$study], ]
  }
  d <- d[table(d$study)[d$study] > 1, ]
  d <- cbind(d, places(d, measure))
  made <- contrasts_of(d)
  rows <- made$rows
  treatments <- sort(unique(d$treatment), method = "radix")
  x <- t(sapply(seq_len(nrow(rows)), function(i)
    (treatments == rows$other[i]) - (treatments == rows$base[i])))[, -1, drop = FALSE]
  rows$arm <- rows$other
  xd <- model.matrix(~ 0 + factor(paste(rows$design, rows$base, rows$other)))
  fit <- function(x, method, tau2 = NA) {
    if (method == "EE")
      return(rma.mv(rows$y, made$v, mods = x, intercept = FALSE, method = "FE"))
    args <- list(yi = rows$y, V = made$v, mods = x, intercept = FALSE, method = method,
                 random = ~ arm | study, struct = "CS", rho = 1 / 2, data = rows,
                 control = control)
    if (!is.na(tau2)) args$tau2 <- tau2
    suppressWarnings(do.call(rma.mv, args))
  }
  # Generalised method of moments: (Q - df) / tr(P B).
  moments <- function(x) {
    w <- solve(made$v)
    p <- w - w %*% x %*% solve(t(x) %*% w %*% x) %*% t(x) %*% w
    same <- outer(rows$study, rows$study, "==")
    b <- same * 0.5 + diag(0.5, nrow(rows))
    q <- as.numeric(t(rows$y) %*% p %*% rows$y)
    max(0, (q - nrow(x) + ncol(x)) / sum(diag(p %*% b)))
  }
  # metafor's optimisers stop some 1e-8 beside the maximum: from there the root of the score.
  refined <- function(x, method, start) {
    if (start < 1e-6) return(0)
    same <- outer(rows$study, rows$study, "==")
    b <- same * 0.5 + diag(0.5, nrow(rows))
    score <- function(tau2) {
      w <- solve(made$v + tau2 * b)
      p <- w - w %*% x %*% solve(t(x) %*% w %*% x) %*% t(x) %*% w
      py <- p %*% rows$y
      as.numeric(t(py) %*% b %*% py) - sum(diag((if (method == "ML") w else p) %*% b))
    }
    uniroot(score, start * c(0.999, 1.001), tol = 1e-16, extendInt = "yes")$root
  }
  common <- fit(x, "EE"); designs <- fit(xd, "EE")
  dl <- moments(x)
  first <- list(REML = fit(x, "REML"), ML = fit(x, "ML"))
  exact <- list(REML = refined(x, "REML", first$REML$tau2), ML = refined(x, "ML", first$ML$tau2))
  models <- list(EE = common, DL = fit(x, "REML", dl), REML = fit(x, "REML", exact$REML),
                 ML = fit(x, "ML", exact$ML))
  told <- lapply(names(models), function(name) {
    m <- models[[name]]
    obj(list(coef = vec(m$beta), se = vec(m$se), vcov = mat(m$vb),
             tau2 = number(if (name == "EE") 0 else if (name == "DL") dl else exact[[name]]),
             tau2_rma_mv = number(if (name %in% names(first)) first[[name]]$tau2 else NA)))
  })
  names(told) <- names(models)
  rows_in <- list(study = txt(full$study), treatment = txt(full$treatment))
  for (name in setdiff(names(full), c("study", "treatment"))) rows_in[[name]] <- vec(full[[name]])
  obj(list(measure = paste0("\"", measure, "\""), data = obj(rows_in),
           treatments = txt(treatments), q = number(common$QE), q_df = number(common$k - common$p),
           q_within = number(if (designs$k > designs$p) designs$QE else 0),
           q_within_df = number(designs$k - designs$p),
           tau2_within_dl = number(moments(xd)),
           tau2_within_reml = number(refined(xd, "REML", fit(xd, "REML")$tau2)), fits = obj(told)))
}

senn <- with(dat.senn2013, data.frame(study, treatment, mean = mi, sd = sdi, n = ni))
hassel <- with(dat.hasselblad1998,
               data.frame(study = paste("study", study), treatment = trt, events = xi, n = ni))
woods <- with(dat.woods2010, data.frame(study = author, treatment, events = r, n = N))
dogliotti <- with(dat.dogliotti2014, data.frame(study, treatment, events = stroke, n = total))
baker <- with(dat.baker2009, data.frame(study = paste(study, year), treatment, events = exac,
                                        n = total))
linde <- dat.linde2015; linde$study <- linde$id
linde <- long3(linde, paste0("treatment", 1:3), list(events = paste0("resp", 1:3),
                                                     n = paste0("n", 1:3)))
franchini <- dat.franchini2012; franchini$study <- franchini$Study
franchini <- long3(franchini, paste0("Treatment", 1:3),
                   list(mean = paste0("y", 1:3), sd = paste0("sd", 1:3), n = paste0("n", 1:3)))
stowe <- dat.stowe2010
stowe <- long3(stowe, paste0("t", 1:3),
               list(mean = paste0("y", 1:3), sd = paste0("sd", 1:3), n = paste0("n", 1:3)))
source <- obj(list(
  what = "\"network meta-analyses of public data sets of metadat\"",
  command = "\"Rscript validation/metafor/network.R tests/reference/r_network.json\"",
  r_version = paste0("\"", R.version$major, ".", R.version$minor, "\""),
  metafor = paste0("\"", packageVersion("metafor"), "\""),
  metadat = paste0("\"", packageVersion("metadat"), "\"")))
writeLines(obj(list(source = source, senn2013 = analyse(senn, "MD"),
                    hasselblad1998 = analyse(hassel, "OR"), woods2010 = analyse(woods, "OR"),
                    dogliotti2014 = analyse(dogliotti, "OR"), baker2009 = analyse(baker, "RR"),
                    linde2015 = analyse(linde, "OR"), franchini2012 = analyse(franchini, "MD"),
                    stowe2010 = analyse(stowe, "MD"))), output)
