"""Undressing and nakedness in languages other than English: a verb and a garment, a part of the body and "uncovered"."""

import re

from studio.domain.policy_text import normalise

_DE = r"(?:kleid\w*|bluse\w*|hemd\w*|unterhemd|t ?shirt|hose\w*|unterhose\w*|rock|bh|bikini\w*|badeanzug|bademantel|unterwasche|slip|dessous|klamotten|oberteil|pulli|nachthemd|handtuch|sachen)"
_FR = r"(?:robe|chemise|chemisier|jupe|pantalon|culotte|soutien gorge|maillot|vetements?|habits|lingerie|sous vetements?|tee shirt|t shirt|haut(?! d)|peignoir|serviette|slip|short|debardeur|bikini)"
_ES = r"(?:ropa|vestidos?|camisa|camiseta|blusa|falda(?! d)|pantal\w+|sujetador|sosten|bragas|calzon\w*|bikini|banador|toalla|bata|prendas|albornoz|ropa interior)"
_IT = r"(?:vestit\w*|camici\w*|gonna|pantalon\w*|reggiseno|mutand\w*|slip|bikini|costume|magliett\w*|accappatoio|asciugamano|abit[oi]|indumenti|biancheria|top(?! ten| \d))"
_PT = r"(?:roupas?|vestido|camisa|camiseta|blusa|saia|calcas?|calcoes|sutia|calcinha|cuecas?|biquini|toalha|roupao|pecas)"
_NL = r"(?:jurk|kleren|kleding|bh|bloes|blouse|hemd|shirt|broek|rok|slip|badpak|bikini|ondergoed|badjas|handdoek|topje|onderbroek)"
_PL = r"(?:sukienk|bluzk|koszul|stanik|biustonosz|spodni|spodnic|majt|ubran|bielizn|szlafrok|recznik|stroj|ciuch|odziez|bikini|spodenk)\w*"
_FI = r"(?:mek|pai[dt]|puser|hame|housu|rintaliiv|alushous|bikini|uimapu|kylpyta|pyyh|vaat|alusvaat|t paid)\w*"
_SCANDINAVIAN = r"(?:klanning\w*|klader\w*|kler\w*|klaer\w*|toj\w*|troja\w*|bluse\w*|behan|bh\w*|byxor\w*|bukser\w*|skjort\w*|trosor\w*|trus\w*|bikini\w*|kjole\w*|baddrakt\w*|badrock\w*|handduk\w*|allt|alt|klad\w*|undertoj)"
_RU = r"(?:плать|блуз|рубаш|юбк|брюк|штан|трус|лифчик|бюстгал|купальник|бель|одежд|халат|полотенц|футболк|вещи|майк)\w*"
_CHEST_ROMANCE = r"(?:pech\w*|senos?|seni|seios?|petto|peit\w*|poitrines?|seins?|torso|torse|busto?|tetas?|tette|mamas|nalgas|sedere|fesses?|culo|bumbum|gluteos?)"
_OPEN_ROMANCE = r"(?:desnud\w*|descubiert\w*|destapad\w*|al aire|a la vista|expuest\w*|nu[aeds]*|nud[oaie]|scopert\w*|espost\w*|di fuori|in vista|a mostra|de fora|descobert\w*|expost\w*|a lair|a l air|decouver\w*|denud\w*|exposee?s?|apparente?s?|visibles?)"

ABROAD = tuple(
    re.compile(normalise(rf"\b(?:{pattern})"))
    for pattern in (
        # German
        rf"(?:zieh|streif|leg|reiss|reiß|knopf|offne|lass|zerr|zog|entfern)\w* (?:sich |ihm |ihr |langsam )*(?:sein\w*|ihr\w*|das|die|den|dem|alle\w*) (?:\w+ )?{_DE} (?:\w+ ){{0,2}}?(?:aus|herunter|runter|hoch|ab|auf|fallen|vom leib)\b(?! (?:dem|der|die|den) )",
        r"zieh\w* sich (?:\w+ )?(?:aus|nackt)\b|zog sich (?:\w+ )?aus\b|ausgezogen\w*|entblosste\w* (?:korper|brust\w*|haut|frau|mann|po|busen|oberkorper|schultern und brust)|unbekleidet\w*|hullenlos\w*|huellenlos\w*|textilfrei\w*|(?:im|in) (?:adams|evas) ?kostum|wie gott (?:sie|ihn) schuf|nackedei\w*|(?:pudel|splitter|split|faser|halb)nackt\w*|nackig\w*",
        r"(?:nackt|blank|bloss|frei|unbedeckt|entblosst)\w* (?:brust|bruste|brusten|busen|po|hintern|oberkorper|gesass|korper)\b|(?:nichts|gar nichts|kaum etwas|nur haut) (?:an|am leib|am korper|darunter|drunter)\b|(?:tragt|mit|hat) (?:gar |rein |uberhaupt )?nichts (?:an|darunter|drunter|ausser|als|am leib)|nur (?:mit|in) (?:einem |ihrem |seinem |ein )?(?:handtuch|lacheln|laken|haut|schmuck) (?:bekleidet|bedeckt)",
        r"(?:ohne|keine?) (?:irgendwelche |jede |jegliche |ihre |seine |alle )?(?:kleidung|kleider|klamotten|bekleidung|hullen|unterwasche|hose(?= ?$| (?:auf|am|im|an|in|vor)\b)|bluse|oberteil|bh)\b(?!spende|sstuck)",
        # French
        rf"(?:enlev|retir|ot|deboutonn|degraf|ouvr|baiss|soulev|arrach|quitt|fait glisser|faisant glisser|laiss\w* (?:tomber|glisser))\w* (?:lentement )?(?:sa|son|ses|le|la|les|leurs?|tous ses) (?:\w+ )?{_FR}\b",
        r"(?:se |s ?)?(?:deshabill|devet|devetu|denud)\w*|effeuill(?:e|age)\w*|dans le plus simple appareil|(?:tenue|costume) d ?(?:eve|adam)|nu[es]* (?:comme un ver|integra\w*|de la tete)|(?:tout|toute|toutes|entierement|completement|totalement|a moitie|demi|mi) nu[es]*\b",
        r"(?:ne porte|porte|portant|vetue? de|sans|avec) rien (?:sur|du tout|dautre|d autre|dessous|en dessous|que|$)|rien sur (?:elle|lui|le dos|la peau)|sans (?:aucun |le moindre |ses )?(?:vetements?|habits?|culotte|soutien gorge|sous vetements?|haut|maillot)\b|nudite integrale|(?:photo|dessin|pose|portrait|modele|femme|homme|fille) (?:de )?(?:nu|nue|nus|nues|denude\w*)\b",
        # Spanish
        rf"(?:quit|sac|desabroch|baj|despoj|arranc|desat|abr|levant|dej\w* caer|deslizando|desliz)\w* (?:\w+ )?(?:el|la|los|las|su|sus|toda la|toda su) {_ES}\b(?! (?:de la lavadora|del armario|de la maleta|del tendedero|de la cuerda|sucia))",
        rf"sin (?:nada (?:puesto|encima|de ropa|debajo)|{_ES})\b|(?:no lleva|no llevando|no trae|llevando|lleva) (?:nada|ropa|ropa interior)(?= ?$| (?:puesto|encima|debajo|puesta|en|sobre|salvo)\b)|como (?:dios la trajo|dios lo trajo|vino al mundo)|(?:en|hace|haciendo) (?:topless|toples|cueros|pelotas)\b|desvest\w*|desvist\w*|desnud(?:a|o|as|os|ez|ar|andose|arse|ito|ita)\b",
        # Italian
        rf"(?:togl|sfil|sbotton|slacci|lev|cal|apr|strapp|lasci\w* (?:cadere|scivolare))\w* (?:\w+ )?(?:il|la|i|gli|le|lo|l|suo|sua|suoi|tutti i) (?:suo |sua |suoi )?{_IT}\b",
        r"senza (?:niente|nulla|alcun vestito|alcun indumento|vestiti|abiti|veli|reggiseno|mutande|slip|biancheria)(?: (?:addosso|indosso|sotto))?(?= ?$| (?:addosso|indosso|sotto|sul|in|a|su|sulla|nel|nella|davanti)\b)|(?:niente|nulla) (?:addosso|indosso|sotto i vestiti)|come mamma (?:la|lo|l ?ha|lha) (?:ha )?fatt\w*|in topless|(?:mezz[oa]|tutt[oa]|completamente|totalmente|interamente|semi) (?:nud[oaie]|svestit\w*|spogliat\w*)|svestit[oaie]\b|spogli(?:a|ano|ando|andosi|arsi|ata|ato|arello)\b(?! (?:degli|gli alberi))|nudita",
        # Portuguese
        rf"(?:tir|desp|desabot|baix|arranc|levant|abr|remov|deix\w* cair)\w* (?:\w+ )?(?:o|a|os|as|toda a) (?:seu |sua |seus |suas )?{_PT}\b(?! (?:da maquina|do armario|da mala|do varal|da corda))",
        r"sem (?:nada (?:vestido|no corpo|por baixo|em cima)|roupas?|sutia|calcinha|cuecas?|blusa|vestimenta|vestes)\b|sem nada(?= ?$| (?:na|no|em cima)\b)|como veio ao mundo|em topless|(?:completamente|totalmente|toda|todo|inteiramente) (?:nua|nu|pelad[oa]|despid[oa])\b|(?:mulher|homem|moca|modelo|menina|pessoa|ela|ele)(?: esta| completamente| toda)? (?:nua|nu|pelad[oa]|despid[oa])\b|(?:nua|despida|pelada) (?:no|na|em|sobre)\b(?! (?:parede|praia de futebol))",
        # any Romance language: a part of the body and "uncovered"
        rf"{_CHEST_ROMANCE} (?:(?:completamente|totalmente|completement|entierement|tout|todo|del todo|bien|medio|semi|parcialmente) )?{_OPEN_ROMANCE}\b|(?:cuerpo|corpo|corps) (?:\w+mente |entierement |completement |tout )?(?:desnud\w*|descubiert\w*|nu[aes]*|nud[oi]|denude\w*)\b|(?:desnud\w*|descubiert\w*|nud[oaie]|nu[aes]*|scopert\w*|decouvert\w*|expost\w*) (?:el |la |los |il |i |o |os )?(?:pech\w*|senos?|seni|seios|seins|poitrine)\b",
        # Dutch
        rf"(?:trek|trok|doe|deed|gooi|stroop|haal|knoop)\w* (?:langzaam )?(?:haar|zijn|hun|de|het|al haar|al zijn) (?:\w+ )?{_NL} (?:\w+ )?(?:uit|omlaag|naar beneden|omhoog|los|af)\b|klee?d\w* zich (?:\w+ )?uit|uitgekle\w*|uitkle\w*|ontkle\w*",
        r"(?:ontblo\w*|blote?|naakte?) (?:borst\w*|billen|bovenlijf|boezem|lichaam|kont|achterwerk|vrouw|man|model)\b|(?:helemaal|volledig|geheel|half|compleet|poedel|spier|moeder) ?(?:bloot|naakt)\w*|(?:poedel|spier|moeder)naakt|(?:niets|niks|niets meer) aan\b(?! de)|zonder (?:iets aan|kleren|kleding|ondergoed|bh|broek|topje|bovenstukje)|in (?:haar|zijn) (?:blootje|nakie)|in (?:adams|eva)kostuum",
        # Polish
        rf"(?:zdejm|zdj|sciag|rozpin|zrzuc|zsuw|opuszcz)\w* (?:z siebie )?(?:swoja |swoj |swoje |powoli )?{_PL}|rozbier\w*|rozebra\w*|rozneglizow\w*|obnaz\w*|nagusi\w*|na golasa|w stroju (?:ewy|adama)|gol(?:a|y|ego|ej|ych) (?:kobiet|mezczyzn|dziewczyn|facet|model|piers|tylek|pup)\w*|(?:calkiem|zupelnie|calkowicie|kompletnie|pol) ?(?:gol|nag)(?:a|y|o|i)\b|nag(?:a|i|iej|iego|ich|ie) (?:kobiet|mezczyzn|dziewczyn|pani|modelk|cial|piers|posladk|osob)\w*|bez (?:ubra\w*|ciuchow|odziezy|stanika|biustonosza|majtek|bielizny|niczego na sobie)|(?:odslonie|nag|gol)\w* (?:piers|biust)\w*",
        # Finnish
        rf"riisu\w* (?:\w+ )?{_FI}|(?:ottaa|otti|heitta|pudotta|vet)\w* (?:\w+ )?{_FI} (?:pois|paalta\w*|yltaan|alas)\b|riisuu(?:ntu|tu)\w*|(?:itsensa|vaatteet) (?:alasti|pois)|vaatteit\w*ta\b|ilman (?:vaat|pait|hous|rintaliiv|alus)\w*|ilki ?(?:alasti|alaston)\w*|ilkosilla\w*|alastom\w*|alaston|alasti|nakuna|nakupell\w*|(?:ei|mitaan) (?:mitaan )?(?:paalla|yll)a(?:an)?\b|(?:paljas|paljaat|paljain|paljaalla) (?:rin|rinn|takapuo|pep|pak|ylavartalo)\w*",
        # Swedish, Danish, Norwegian
        rf"(?:tar|tog|tager|drar|kastar|slapper|ta) (?:\w+ )?(?:av|af) (?:sig|seg|sin|sitt|sine) (?:\w+ )?{_SCANDINAVIAN}|(?:tar|tager|tog|tage) (?:sig |sit |sin |sine |hendes |sitt |alt )*{_SCANDINAVIAN} (?:\w+ )?(?:af|av)\b|kla[er]*[dr]*\w* (?:av sig|av seg|sig av|sig af|seg av|af sig)\b|avkladd\w*|avkledd\w*|afklad\w*|afklaed\w*|utan (?:klader|nagot pa|trosor|bh|overdel)|ut[ae]n (?:klar|kler|klaer)|uden (?:toj|noget pa|bh|trusser|kl\w+)|(?:helt|splitter|spritt|halv|spritt sprangande) ?n(?:ake|og|ak)\w*|barbrostad\w*|bara (?:brost|bryst)\w*|bare bryst\w*|i (?:bara massingen|adamsdrakt|evas)\w*",
        # Russian and Ukrainian
        rf"(?:сним|снял|сняв|стягив|стянул|сбрасыв|сброс|расстегив|расстегн|скид|спуск)\w* (?:с себя |свою |своё |свое |свои |всю |медленно )*{_RU}|раздева\w*|раздел(?:а|и)?сь|раздет\w*|без (?:одежды|трусов|трусиков|лифчика|белья|верха|ничего|штанов)\b|в чем мать родила|нагишом|голышом|обнаж\w*|(?:гола|голы|голо|наг)\w* (?:женщин|мужчин|девушк|груд|тел|поп|парен|модел|человек)\w*|(?:зняла|знімає|знімати) (?:\w+ )?(?:сукн|одяг|білизн)\w*|роздяг\w*|без одягу|оголен\w*",
        # Turkish, Czech, Slovak, Hungarian, Romanian, Greek, Croatian, Serbian, Bulgarian, Indonesian
        r"(?:elbise|kiyafet|giysi|gomle|eteg|sutyen|bikini|pantolon|ust)\w* (?:\w+ )?(?:cikar|soy)\w*|soyun\w*|ciril ?ciplak|ciplak (?:kadin|erkek|beden|vucut|poz|bir|halde|olarak|model)\w*|(?:kadin|erkek|model) ciplak|(?:kiyafet|elbise|giysi)siz\b|ustsuz",
        r"(?:bez|beze) (?:satu|satov|obleceni|oblecenia|podprsenky|kalhotek|odece|odjece|drehi|дрехи)\b|svlek\w*|svlec\w*|vysvlec\w*|vysvlek\w*|obnazen\w*|(?:uplne|zcela|celkom|potpuno|skroz) (?:nah|gol)\w*|nah(?:a|y|e|eho|ych|ou) (?:zen|muz|div|holk|model|tel|prs)\w*|gol(?:a|i|e|u) (?:zen|devojk|djevojk|cur|prs|grud)\w*|(?:гола|голо|голи) (?:жена|мъж|момиче|тяло)",
        r"ruha ?(?:nelkul|tlan\w*)|ruhatlan\w*|meztelen\w*|pucer\w*|vetkoz\w*|levetkoz\w*|leveszi (?:a )?(?:ruh|bluz|ing|nadrag|szokny|melltart|bugyi)\w*|(?:femeie|barbat|fata|complet|total) (?:goala|gol|dezbracat\w*)|dezbrac\w*|fara (?:haine|sutien|chiloti)",
        r"γυμν(?:ος|η|ο|οι|ες|α|ου|ης|ων|ους|ή|ό)\b(?! (?:τοιχ|δεντρ|κλαδ|ματι|ποδ))|γδυν\w*|χωρις (?:ρουχα|εσωρουχ\w*|σουτιεν)|ολογυμν\w*|(?:telanjang|bugil|tanpa (?:baju|busana|pakaian|sehelai benang))\b|khoa than|khong mac (?:gi|quan ao)|coi (?:do|ao|quan)",
    )
)
