//! What a catalogue says, and what is let into none.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const GOOD: &str = r#"
    version = "1"
    [[provider]]
    id = "impots"
    name = { fr = "Impôts", en = "Taxes" }
    [[purpose]]
    id = "aide"
    sentence = { fr = "Étudier votre demande", en = "To examine your request" }
    legal = { fr = "Une loi", en = "A law" }
    basis = "consent"
    retention_days = 30
    [[evidence]]
    id = "avis"
    provider = "impots"
    label = { fr = "Avis", en = "Notice" }
    fresh_for_days = 365
    [[evidence.field]]
    name = "revenu"
    scope = "dgfip_rfr"
    type = "integer"
    label = { fr = "Revenu", en = "Income" }
    [[evidence.field]]
    name = "imposable"
    type = "boolean"
    label = { fr = "Imposable", en = "Taxable" }
    derived_from = "revenu"
"#;

fn scope(name: &str) -> Scope {
    name.parse().unwrap()
}

fn with(good: &str, bad: &str) -> Result<(), CatalogueError> {
    assert!(GOOD.contains(good), "{good}");
    Catalogue::parse(&GOOD.replace(good, bad)).map(|_| ())
}

#[test]
fn the_built_in_catalogue_is_whole() {
    let catalogue = Catalogue::builtin().unwrap();
    for name in ["cnaf_quotient_familial", "dgfip_rfr", "mi_siv_carte_grise"] {
        let (evidence, _) = catalogue.of_scope(&scope(name)).unwrap();
        assert!(catalogue.holder(evidence).is_some(), "{name}");
    }
    let scopes = catalogue.data_scopes();
    assert!(scopes.len() > 60, "{}", scopes.len());
    assert!(scopes.iter().all(|it| catalogue.label(it, "en").is_some()));
    let purpose = catalogue
        .purpose(&"tarif-cantine".parse().unwrap())
        .unwrap();
    assert_eq!(purpose.basis(), Basis::ExplicitRequest);
}

#[test]
fn a_label_is_read_in_the_language_of_the_page() {
    let catalogue = Catalogue::builtin().unwrap();
    let label = |lang| catalogue.label(&scope("dgfip_rfr"), lang);
    assert_eq!(label("fr"), Some("Revenu fiscal de référence"));
    assert_eq!(label("en-GB"), Some("Reference tax income"));
    assert_eq!(label("de"), label("fr"));
}

#[test]
fn identity_is_not_evidence() {
    let catalogue = Catalogue::builtin().unwrap();
    for name in ["openid", "profile", "email", "nobody_knows"] {
        assert_eq!(catalogue.label(&scope(name), "fr"), None, "{name}");
    }
}

#[test]
fn an_entry_is_read_whole() {
    let catalogue = Catalogue::parse(GOOD).unwrap();
    let (evidence, field) = catalogue.of_scope(&scope("dgfip_rfr")).unwrap();
    assert_eq!(catalogue.version(), "1");
    assert_eq!(catalogue.holder(evidence).unwrap().id(), "impots");
    assert_eq!(evidence.fresh_for(), Duration::from_hours(365 * 24));
    assert_eq!(evidence.label().in_language("en"), "Notice");
    assert_eq!(field.kind(), FieldType::Integer);
    let less = evidence.field(&"imposable".parse().unwrap()).unwrap();
    assert_eq!(less.derived_from(), Some(field.name()));
}

#[test]
fn what_is_published_says_it_all() {
    let published = serde_json::to_value(Catalogue::parse(GOOD).unwrap()).unwrap();
    assert_eq!(published["version"], "1");
    assert_eq!(published["evidence"][0]["fresh_for_days"], 365);
    assert_eq!(
        published["evidence"][0]["fields"][0],
        json!({
            "name": "revenu", "type": "integer", "scope": "dgfip_rfr",
            "label": {"fr": "Revenu", "en": "Income"},
        })
    );
    assert_eq!(published["purposes"][0]["basis"], "consent");
    assert_eq!(published.get("by_scope"), None);
}

#[test]
fn a_schema_takes_what_a_field_takes_and_nothing_beside_it() {
    let catalogue = Catalogue::parse(GOOD).unwrap();
    let id = "https://hub.example/exchange/schemas/evidence/avis.json";
    let schema = catalogue.all_evidence()[0].schema(id);
    assert_eq!(schema["$id"], id);
    assert_eq!(schema["additionalProperties"], false);
    let fields = schema["properties"].as_object().unwrap();
    assert_eq!(fields.len(), 2);
    assert_eq!(fields["revenu"]["type"], "integer");
    assert_eq!(fields["imposable"]["type"], "boolean");
    assert_eq!(fields["imposable"]["$comment"], "says less than revenu");
}

#[test]
fn a_least_level_is_published_and_one_nobody_knows_refused() {
    let raised = |level: &str| {
        let days = "fresh_for_days = 365\n";
        GOOD.replace(days, &format!("{days}    minimum_acr = \"{level}\"\n"))
    };
    let catalogue = Catalogue::parse(&raised("eidas2")).unwrap();
    let published = serde_json::to_value(&catalogue).unwrap();
    assert_eq!(published["evidence"][0]["minimum_acr"], "eidas2");
    let unknown = Catalogue::parse(&raised("eidas9"));
    assert!(matches!(unknown, Err(CatalogueError::Shape(_))));
}

/// The families of FranceConnect's data scopes, as its services ask for them.
#[test]
fn the_catalogue_that_ships_has_every_data_scope_of_franceconnect() {
    let shipped = Catalogue::builtin().unwrap();
    let missing: Vec<&str> = FRANCECONNECT
        .split_whitespace()
        .filter(|name| shipped.of_scope(&scope(name)).is_none())
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

const FRANCECONNECT: &str = "
    dgfip_rfr dgfip_nbpart dgfip_sitfam dgfip_pac dgfip_aft dgfip_nbpac dgfip_inddeficit dgfip_pariso
    dgfip_decl dgfip_annee_n_moins_1 dgfip_annee_n_moins_2 dgfip_annee_n_moins_3
    dgfip_annee_n_moins_2_si_indispo_n_moins_1
    dgfip_locaux_th dgfip_locaux_th_ident dgfip_locaux_th_Nat dgfip_locaux_th_Tax dgfip_locaux_th_Aff
    dgfip_nmUsaDec1 dgfip_nmUsaDec2 dgfip_nmNaiDec1 dgfip_nmNaiDec2 dgfip_prnmDec1 dgfip_prnmDec2
    dgfip_dateNaisDec1 dgfip_dateNaisDec2 dgfip_pac_nbPac dgfip_mntRevbareme dgfip_indiIFI
    dgfip_RevDecl_Cat1_Tspr dgfip_RevDecl_Cat1_RentOn dgfip_RevDecl_Cat2_Rcm dgfip_RevDecl_Cat3_PMV
    dgfip_RevDecl_Cat4_Ref dgfip_RevDecl_Cat5_NonSal dgfip_RevNets_Cat1_Tspr dgfip_RevNets_Cat1_RentOn
    dgfip_RevNets_Cat2_Rcm dgfip_RevNets_Cat3_PMV dgfip_RevNets_Cat4_Ref dgfip_RevNets_Cat5_NonSal
    dgfip_PaDeduc_EnfMaj dgfip_PaDeduc_Autres dgfip_EpargRetrDeduc
    droits_assurance_maladie cnam_beneficiaires cnam_contrats cnam_caisse cnam_exonerations
    cnam_medecin_traitant cnam_presence_medecin_traitant cnam_paiements_ij
    complementaire_sante_solidaire
    allocation_adulte_handicape allocation_soutien_familial prime_activite prime_activite_majoration
    revenu_solidarite_active revenu_solidarite_active_majoration cnaf_quotient_familial
    cnaf_allocataires cnaf_enfants cnaf_adresse
    cnous_statut_boursier cnous_echelon_bourse cnous_email cnous_periode_versement cnous_statut_bourse
    cnous_ville_etudes cnous_identite
    mesri_identite mesri_admissions mesri_admission_inscrit mesri_admission_regime_formation
    mesri_admission_commune_etudes mesri_admission_etablissement_etude
    api_fc-liste-paiementsv1 api_fc-statutaugmentev1
    mi_siv_carte_grise
    dsnj_statut_service_national
    gip_mds_service_civique_statut_actuel gip_mds_service_civique_statut_passe
    gip_mds_service_civique_organisme_accueil gip_mds_service_civique_dates
    ants_extrait_immatriculation_vehicule_identite_particulier
    ants_extrait_immatriculation_vehicule_adresse_particulier
    ants_extrait_immatriculation_vehicule_statut_rattachement
    ants_extrait_immatriculation_vehicule_donnees_immatriculation_vehicule
    ants_extrait_immatriculation_vehicule_caracteristiques_techniques_vehicule
";

#[test]
fn a_value_is_of_its_fields_type() {
    let long = "x".repeat(2001);
    for (kind, good, bad) in [
        (FieldType::Integer, json!(-3), json!(1.5)),
        (FieldType::String, json!("B"), json!(long)),
        (FieldType::Boolean, json!(false), json!("false")),
    ] {
        assert!(kind.takes(&good), "{good}");
        assert!(!kind.takes(&bad), "{kind:?}");
        assert!(!kind.takes(&json!(null)) && !kind.takes(&json!([good])));
    }
}

#[test]
fn each_fault_is_refused_by_name() {
    let name = |name: &str| name.to_owned();
    let identity = |scope: &str| Err(CatalogueError::Identity(name(scope)));
    assert_eq!(with("dgfip_rfr", "profile"), identity("profile"));
    assert_eq!(with("dgfip_rfr", "openid"), identity("openid"));
    assert_eq!(
        with("\"impots\"\n    name", "\"Impôts\"\n    name"),
        Err(CatalogueError::ProviderId(name("Impôts")))
    );
    assert_eq!(with("365", "0"), Err(CatalogueError::Days(name("avis"))));
    assert_eq!(
        with("= 30", "= 4000"),
        Err(CatalogueError::Days(name("aide")))
    );
    assert_eq!(
        with("\"Revenu\"", "\" \""),
        Err(CatalogueError::Text(name("revenu")))
    );
    assert_eq!(
        with("Taxes", "a\\u0007"),
        Err(CatalogueError::Text(name("impots")))
    );
    let long = "x".repeat(121);
    assert_eq!(
        with("Étudier votre demande", &long),
        Err(CatalogueError::Text(name("aide")))
    );
    assert_eq!(
        with("\"avis\"", "\"Avis\""),
        Err(CatalogueError::Name(name("Avis")))
    );
    assert_eq!(
        with("derived_from = \"revenu\"", "derived_from = \"impot\""),
        Err(CatalogueError::Derived(name("imposable")))
    );
    assert!(matches!(
        with("dgfip_rfr", "a b"),
        Err(CatalogueError::Scope { .. })
    ));
    assert!(matches!(
        with("provider = \"impots\"", "provider = \"autre\""),
        Err(CatalogueError::Nobody { .. })
    ));
    for (good, bad) in [
        (", en = \"Income\"", ""),
        ("fresh_for_days", "fresh_for"),
        ("version", "versions"),
        ("\"consent\"", "\"because\""),
        ("\"boolean\"", "\"number\""),
    ] {
        assert!(
            matches!(with(good, bad), Err(CatalogueError::Shape(_))),
            "{bad}"
        );
    }
}

#[test]
fn nothing_stands_there_twice_and_nobody_for_nothing() {
    let again = |marker: &str| {
        let start = GOOD.find(marker).unwrap();
        let end = GOOD[start + 2..]
            .find("[[")
            .map_or(GOOD.len(), |end| start + 2 + end);
        format!("{GOOD}\n{}", &GOOD[start..end])
    };
    let read = |text: String| Catalogue::parse(&text).map(|_| ());
    let twice = |name: &str| Err(CatalogueError::Twice(name.to_owned()));
    assert_eq!(read(again("[[provider]]")), twice("impots"));
    assert_eq!(read(again("[[purpose]]")), twice("aide"));
    assert_eq!(read(again("[[evidence.field]]")), twice("revenu"));
    let other_name = again("[[evidence.field]]").replacen("\"revenu\"", "\"autre\"", 1);
    let derived = other_name.replace("derived_from = \"revenu\"", "");
    assert_eq!(read(derived), twice("dgfip_rfr"));
    let idle = again("[[provider]]").replacen("\"impots\"", "\"autre\"", 1);
    assert_eq!(read(idle), Err(CatalogueError::Nothing("autre".into())));
    let empty = &GOOD[..GOOD.find("[[evidence.field]]").unwrap()];
    assert_eq!(
        read(empty.to_owned()),
        Err(CatalogueError::Nothing("avis".into()))
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fall_over(value in "\\PC{0,20}") {
        let value = toml::Value::String(value).to_string();
        if let Ok(catalogue) = Catalogue::parse(&GOOD.replace("\"dgfip_rfr\"", &value)) {
            prop_assert!(catalogue.data_scopes().iter().all(|scope| scope.claims().is_empty()));
        }
    }
}
